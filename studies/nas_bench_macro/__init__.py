"""Study: costs, search and joint choice on a public table of trained networks."""
