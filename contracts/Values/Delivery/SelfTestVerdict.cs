namespace ComputeExchange.Values.Delivery;

/// <summary>What a self-test says about a node.</summary>
/// <param name="Failures">What does not hold; none: the test is passed.</param>
/// <param name="Remarks">What is worth knowing and fails nothing, a sentence each.</param>
public sealed record SelfTestVerdict(IReadOnlyList<SelfTestFailure> Failures, IReadOnlyList<string> Remarks)
{
    /// <summary>Whether everything holds that must.</summary>
    public bool Passed => Failures.Count == 0;
}

/// <summary>What does not hold in a self-test.</summary>
/// <param name="Fault">Which kind of thing.</param>
/// <param name="GpuIndex">The GPU; -1 for the node.</param>
/// <param name="Sentence">For people, with the figures.</param>
public sealed record SelfTestFailure(SelfTestFault Fault, int GpuIndex, string Sentence);

/// <summary>What can be wrong in a self-test.</summary>
public enum SelfTestFault
{
    /// <summary>The test could not be made.</summary>
    NotMade,

    /// <summary>A GPU could not be tested.</summary>
    GpuNotTested,

    /// <summary>The digest is not the one that the seed leads to: it was computed wrong, memory was not kept, or nothing was computed.</summary>
    WrongDigest,

    /// <summary>Less memory than the class has.</summary>
    MemoryShort,

    /// <summary>Slower than the class.</summary>
    TooSlow,

    /// <summary>Faster than the class can be: it is another GPU, or the figure is made up.</summary>
    TooFast,
}
