using Xunit;

// Those of the trait Pace "any" ask nothing of how fast this machine is: deploy/test runs them beside the others, in a process of its own.
// Each of these tests runs a whole exchange, some of them two: two cores are all there may be.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
