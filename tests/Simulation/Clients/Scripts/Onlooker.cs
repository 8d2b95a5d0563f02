namespace ComputeExchange.Simulation.Clients.Scripts;

/// <summary>Reads the feed and does nothing else.</summary>
internal sealed class Onlooker : Script
{
    public override int Lanes => 0;

    public override bool ReadsFeed => true;

    public override bool IsOver(Notebook notebook) => true;
}
