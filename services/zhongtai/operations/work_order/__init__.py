"""Work orders (工单): what a person must decide, in which role, by when."""
