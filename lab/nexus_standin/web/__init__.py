"""HTTP as both planes need it: requests with streamed bodies, answers, one server a port."""
