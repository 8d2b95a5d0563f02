using System.Globalization;
using ComputeExchange.Client;

namespace ComputeExchange.Host.Processes;

/// <summary>A service's own program, and which port it has in the processes shape, counted from the exchange's.</summary>
/// <param name="Service">The service.</param>
/// <param name="Project">Its project.</param>
/// <param name="PortOffset">How far from the exchange's port its own is.</param>
/// <param name="Name">What this process of it is called, in logs and to people.</param>
internal sealed record ServiceProgram(string Service, string Project, int PortOffset, string Name)
{
    /// <summary>A second engine, ready to take over.</summary>
    public static readonly ServiceProgram Standby = new(ServiceNames.MatchingEngine, "MatchingEngine", 8, ServiceNames.MatchingEngine + "-standby");

    /// <summary>Every service, in the order in which they stop last: what others need comes first.</summary>
    public static readonly IReadOnlyList<ServiceProgram> All =
    [
        new(ServiceNames.MatchingEngine, "MatchingEngine", 2),
        new(ServiceNames.Participants, "Participants", 3),
        new(ServiceNames.Settlement, "Settlement", 4),
        new(ServiceNames.ProviderRegistry, "ProviderRegistry", 5),
        new(ServiceNames.OrderBook, "OrderBook", 0),
        new(ServiceNames.Pricing, "Pricing", 6),
        new(ServiceNames.Auctioneer, "Auctioneer", 7),
        new(ServiceNames.Web, "Web", 1),
    ];

    /// <summary>Auctioneers beside the first, which share the runs with it.</summary>
    public static IEnumerable<ServiceProgram> MoreAuctioneers(int count) =>
        Enumerable.Range(2, count).Select(number => new ServiceProgram(
            ServiceNames.Auctioneer, "Auctioneer", 7 + number, $"{ServiceNames.Auctioneer}-{number.ToString(CultureInfo.InvariantCulture)}"));

    private ServiceProgram(string service, string project, int portOffset)
        : this(service, project, portOffset, service)
    {
    }

    /// <summary>Where its program is: the build puts every service's beside Host's own.</summary>
    public string File => Path.Combine(AppContext.BaseDirectory, $"ComputeExchange.{Project}.dll");

    /// <summary>Where it listens when the exchange is started at a port.</summary>
    public Uri Address(int port) => new($"http://127.0.0.1:{port + PortOffset}");
}
