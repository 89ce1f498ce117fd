"""Study: is it worth it to search the base and its scalings together?"""
