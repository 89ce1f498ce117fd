"""Study: which training recipe should members take?"""
