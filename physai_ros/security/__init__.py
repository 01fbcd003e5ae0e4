"""Who may say what to whom: SROS2 policies of a graph, and whether they can be enforced."""
