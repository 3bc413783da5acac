// Minnow's worker, for bundlers that cannot find it themselves.
import "minnow/inline";
import "minnow/worker";
