namespace ComputeExchange.Simulation.Bugs;

/// <summary>A reader of the feed that died applies some of it twice.</summary>
internal sealed class ReadersForget : Bug
{
    public override string Sentence => "Readers keep how far they are only now and then, apart from what they made of it.";

    public override bool ReadersKeepTheirPlace => false;
}
