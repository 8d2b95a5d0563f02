using System.Security.Cryptography;
using ComputeExchange.Facts;
using ComputeExchange.Hosting;

namespace ComputeExchange.Settlement.Rails;

/// <summary>The rails that this exchange has, as its options say.</summary>
internal static class RailServices
{
    /// <exception cref="ArgumentException">The rail to be used does not exist, or not on this clock.</exception>
    public static void AddRails(this IServiceCollection services, ServiceOptions options)
    {
        IPaymentRail[] rails = [new ManualRail(), new CsvRail(), .. options.Simulated ? [new TestRail()] : (IPaymentRail[])[]];
        services.AddSingleton(new RailBook(options.Rail, rails));
        services.AddSingleton<RailWorker>();
        services.AddSingleton<IDueWork>(provider => provider.GetRequiredService<RailWorker>());
        services.AddHostedService(provider => provider.GetRequiredService<RailWorker>());

        var secrets = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        services.AddSingleton(new RailSecrets(secrets));
        if (!options.Simulated) return;

        // Both ends of the test rail are here: it needs no secret from outside.
        secrets.Add(TestRail.RailName, options.RailSecret ?? HMACSHA256.HashData(options.ServiceKey, "test rail"u8));
        if (options.Rail != TestRail.RailName) return;
        services.AddSingleton(new TestBankSeed(options.RailSeed));
        services.AddSingleton<TestBank>();
        services.AddSingleton<IDueWork>(provider => provider.GetRequiredService<TestBank>());
        services.AddHostedService(provider => provider.GetRequiredService<TestBank>());
    }
}
