"""Study: how does the joint search compare with other ways to search?"""
