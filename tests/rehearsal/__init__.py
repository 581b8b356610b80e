"""An upgrade that is rehearsed under load, and the way back: `make rehearse`."""
