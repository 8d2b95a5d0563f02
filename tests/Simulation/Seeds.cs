using System.Globalization;

namespace ComputeExchange.Simulation;

/// <summary>Which worlds are run: <c>CX_SIM_SEED</c> names one, <c>CX_SIM_SEEDS</c> says how many, from <c>CX_SIM_FIRST</c> on.</summary>
/// <param name="First">The first seed.</param>
/// <param name="Last">The last seed.</param>
internal sealed record Seeds(ulong First, ulong Last)
{
    /// <summary>The seeds that the environment asks for, else the first two hundred.</summary>
    public static Seeds FromEnvironment()
    {
        if (Number("CX_SIM_SEED") is { } one) return new Seeds(one, one);
        var first = Number("CX_SIM_FIRST") ?? 1;
        return new Seeds(first, first + (Number("CX_SIM_SEEDS") ?? 200) - 1);
    }

    /// <summary>Runs a world for each seed, as many at a time as there are cores, each core's on a thread of their own.</summary>
    public static IReadOnlyList<Outcome> Run(Seeds seeds, Func<ulong, Outcome> run)
    {
        var outcomes = new Outcome[checked((int)(seeds.Last - seeds.First + 1))];
        var next = -1;
        var threads = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(() =>
        {
            for (int i; (i = Interlocked.Increment(ref next)) < outcomes.Length;) outcomes[i] = run(seeds.First + (ulong)i);
        })).ToList();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        return outcomes;
    }

    private static ulong? Number(string variable) => Environment.GetEnvironmentVariable(variable) is not { Length: > 0 } text ? null
        : ulong.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number
        : throw new ArgumentException($"{variable} is '{text}'; it must be a whole number from 0.");
}
