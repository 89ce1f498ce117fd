"""Study: which super-supernet training gives the best inherited accuracy, and do its scores rank subnets?"""
