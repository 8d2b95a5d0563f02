using Xunit;

// Each of these tests runs a whole exchange, some of them two: two cores are all there may be.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
