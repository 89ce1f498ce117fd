"""The parts of whole_story.py: four ways to a family, what each costs, and how good its members become."""
