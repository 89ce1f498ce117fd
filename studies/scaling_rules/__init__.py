"""Study: which rule predicts the best larger network from small ones, on tables of trained networks?"""
