"""Graph → text: a spec that elaborates to the graph that it is recovered from. The front is `cnndsl.recover.spec`."""
