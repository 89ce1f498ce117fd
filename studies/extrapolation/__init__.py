"""Study: does the scaling rule that a search found reach beyond the stages that were searched?"""
