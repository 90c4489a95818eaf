# Short names; each calls one script.
.PHONY: run stop status logs clean test lint bench lock
run stop status logs clean test lint bench lock:
	@scripts/$@ $(ARGS)
