"""Does an evaluation made elsewhere hold, and what of a spec does it cover? Plain data in, rows and a result out; what
is asked again is asked by `pipeline`."""
