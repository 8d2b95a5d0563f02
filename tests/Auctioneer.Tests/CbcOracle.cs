using System.Diagnostics;
using System.Globalization;
using System.Text;
using ComputeExchange.Values.Auctions;

namespace ComputeExchange.Auctioneer.Tests;

/// <summary>The welfare problem without the rules about prices, as a mixed-integer program for CBC (Debian package coinor-cbc).</summary>
/// <remarks>
/// Binary z: a block starts there. Integer u: GPUs of an offer for a block that starts there, throughout. Continuous x: GPUs of the
/// open offers of one reserve for the divisible bids of one limit in a slot. Its optimum is not below any valid solution's welfare.
/// </remarks>
static class CbcOracle
{
    /// <summary>The optimum in micro-dollars; with <paramref name="relaxed"/>, that of the linear relaxation.</summary>
    public static double BestWelfare(AuctionProblem problem, bool relaxed = false)
    {
        var folder = Directory.CreateTempSubdirectory("cbc-");
        try
        {
            var (program, answer) = (Path.Combine(folder.FullName, "welfare.lp"), Path.Combine(folder.FullName, "answer.txt"));
            File.WriteAllText(program, Write(problem, relaxed));
            Solve(program, answer);
            var first = File.ReadLines(answer).First();
            if (!first.StartsWith("Optimal", StringComparison.Ordinal)) throw new InvalidOperationException($"cbc says: {first}");

            // CBC minimises, so the file asks for the least negative welfare.
            return -double.Parse(first.Split(' ')[^1], CultureInfo.InvariantCulture);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static void Solve(string program, string answer)
    {
        try
        {
            var start = new ProcessStartInfo("cbc") { RedirectStandardOutput = true, RedirectStandardError = true };
            foreach (var word in new[] { program, "ratioGap", "0", "allowableGap", "0", "solve", "solution", answer }) start.ArgumentList.Add(word);
            using var cbc = Process.Start(start)!;
            cbc.ErrorDataReceived += (_, _) => { };
            cbc.BeginErrorReadLine();
            cbc.StandardOutput.ReadToEnd();
            cbc.WaitForExit();
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            throw new InvalidOperationException("This test asks the solver CBC for a second opinion: install the Debian package coinor-cbc.", missing);
        }
    }

    static string Write(AuctionProblem problem, bool relaxed)
    {
        var objective = new StringBuilder();
        var capacity = new Dictionary<(int Offer, int Slot), StringBuilder>();
        var constraints = new StringBuilder();
        var bounds = new StringBuilder();
        var binaries = new List<string>();
        var integers = new List<string>();
        void Earn(Int128 minuteMicros, string variable) =>
            objective.Append(CultureInfo.InvariantCulture, $" {(minuteMicros > 0 ? "-" : "+")} {(double)Int128.Abs(minuteMicros) / 60:R} {variable}\n");
        void Use(int offer, int slot, string variable)
        {
            if (!capacity.TryGetValue((offer, slot), out var row)) capacity[(offer, slot)] = row = new StringBuilder();
            row.Append(CultureInfo.InvariantCulture, $" + {variable}");
        }

        for (var b = 0; b < problem.Bids.Count; b++)
        {
            var bid = problem.Bids[b];
            if (bid.Kind == BidKind.Divisible)
            {
                for (var slot = bid.From; slot < bid.To; slot++)
                {
                    var row = new StringBuilder();
                    for (var o = 0; o < problem.Offers.Count; o++)
                    {
                        var offer = problem.Offers[o];
                        if (offer.Market != bid.Markets[0] || slot < offer.From || slot >= offer.To || offer.MinRun > 1 || offer.ReserveAt(slot) >= bid.Limit) continue;
                        var x = $"x{b}_{o}_{slot}";
                        Earn((Int128)(bid.Limit - offer.ReserveAt(slot)) * problem.MinutesOf(slot), x);
                        Use(o, slot, x);
                        row.Append(CultureInfo.InvariantCulture, $" + {x}");
                    }

                    if (row.Length > 0) constraints.Append(CultureInfo.InvariantCulture, $" d{b}_{slot}:{row} <= {bid.Gpus}\n");
                }

                continue;
            }

            var choices = new StringBuilder();
            foreach (var market in bid.Markets)
                foreach (var start in bid.AllowedStarts())
                {
                    var row = new StringBuilder();
                    var z = $"z{b}_{market}_{start}";
                    for (var o = 0; o < problem.Offers.Count; o++)
                    {
                        var offer = problem.Offers[o];
                        if (offer.Market != market || start < offer.From || start + bid.Run > offer.To || offer.MinRun > bid.Run) continue;
                        var step = Math.Max(1, bid.Node);
                        var u = $"u{b}_{o}_{start}";
                        Int128 worth = 0;
                        for (var slot = start; slot < start + bid.Run; slot++)
                        {
                            worth += (Int128)(bid.Limit - offer.ReserveAt(slot)) * problem.MinutesOf(slot) * step;
                            Use(o, slot, $"{step} {u}");
                        }

                        Earn(worth, u);
                        row.Append(CultureInfo.InvariantCulture, $" + {step} {u}");
                        bounds.Append(CultureInfo.InvariantCulture, $" 0 <= {u} <= {Math.Min(bid.Gpus, offer.Gpus) / step}\n");
                        constraints.Append(CultureInfo.InvariantCulture, $" v{b}_{o}_{start}: {step} {u} - {Math.Min(bid.Gpus, offer.Gpus)} {z} <= 0\n");
                        integers.Add(u);
                    }

                    if (row.Length == 0) continue;
                    constraints.Append(CultureInfo.InvariantCulture, $" s{b}_{market}_{start}:{row} - {bid.Gpus} {z} = 0\n");
                    bounds.Append(CultureInfo.InvariantCulture, $" 0 <= {z} <= 1\n");
                    choices.Append(CultureInfo.InvariantCulture, $" + {z}");
                    binaries.Add(z);
                }

            if (choices.Length > 0) constraints.Append(CultureInfo.InvariantCulture, $" b{b}:{choices} <= 1\n");
        }

        foreach (var ((offer, slot), row) in capacity)
            constraints.Append(CultureInfo.InvariantCulture, $" c{offer}_{slot}:{row} <= {problem.Offers[offer].Gpus}\n");
        var whole = relaxed ? "" : $"General\n {string.Join("\n ", integers)}\nBinary\n {string.Join("\n ", binaries)}\n";
        return $"Minimize\n obj:\n{objective}Subject To\n{constraints}Bounds\n{bounds}{whole}End\n";
    }
}
