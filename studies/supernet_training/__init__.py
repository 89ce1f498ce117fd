"""Study: which ways to train the super-supernet give the best scores, and how well do they rank subnets?"""
