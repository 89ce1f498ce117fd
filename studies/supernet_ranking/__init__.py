"""Study: does a super-supernet rank the networks of a public table?"""
