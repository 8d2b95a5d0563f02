using System.Diagnostics;
using System.Globalization;
using System.Text;
using ComputeExchange.Values.Auctions;

namespace ComputeExchange.Auctioneer.Tests;

/// <summary>The welfare problem without the rules about prices, as a mixed-integer program for CBC (Debian package coinor-cbc).</summary>
/// <remarks>
/// Binary z: a block starts there in that market. Integer u: GPUs (groups, where it has nodes) of an offer for a block that starts
/// there, throughout. Continuous y: GPUs of a divisible bid in a market and slot; continuous s: GPUs that an offer sells to such
/// bids in a slot. Its optimum is not below any valid solution's welfare.
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
        var program = new Formulation(problem);
        program.Sales();
        for (var b = 0; b < problem.Bids.Count; b++)
            if (problem.Bids[b].Kind == BidKind.Divisible) program.Divisible(b);
            else program.Block(b);
        program.Families();
        return program.Text(relaxed);
    }

    /// <summary>The program as it grows, in CPLEX's text format.</summary>
    sealed class Formulation(AuctionProblem problem)
    {
        readonly StringBuilder _objective = new();
        readonly StringBuilder _rows = new();
        readonly StringBuilder _bounds = new();
        readonly List<string> _wholes = [];
        readonly Dictionary<(int Offer, int Slot), StringBuilder> _capacity = [];
        readonly Dictionary<(int Market, int Slot), StringBuilder> _balance = [];
        readonly Dictionary<string, List<string>> _groups = [];
        readonly Dictionary<string, List<string>> _choices = [];

        public void Sales()
        {
            for (var o = 0; o < problem.Offers.Count; o++)
                for (var slot = problem.Offers[o].From; problem.Offers[o].MinRun == 1 && slot < problem.Offers[o].To; slot++)
                {
                    var sale = $"s{o}_{slot}";
                    Earn(-(Int128)problem.Offers[o].ReserveAt(slot) * problem.MinutesOf(slot), sale);
                    Add(_capacity, (o, slot), $" + {sale}");
                    Add(_balance, (problem.Offers[o].Market, slot), $" - {sale}");
                }
        }

        public void Divisible(int b)
        {
            var bid = problem.Bids[b];
            for (var slot = bid.From; slot < bid.To; slot++)
            {
                foreach (var market in bid.Markets)
                {
                    Earn((Int128)bid.Limit * problem.MinutesOf(slot), $"y{b}_{market}_{slot}");
                    Add(_balance, (market, slot), $" + y{b}_{market}_{slot}");
                }

                Row($"{string.Concat(bid.Markets.Select(market => $" + y{b}_{market}_{slot}"))} <= {bid.Gpus}");
            }
        }

        public void Block(int b)
        {
            var bid = problem.Bids[b];
            var (step, choices) = (Math.Max(1, bid.Node), new List<string>());
            foreach (var market in bid.Markets)
                foreach (var start in bid.AllowedStarts())
                {
                    var (z, gpus) = ($"z{b}_{market}_{start}", new StringBuilder());
                    for (var o = 0; o < problem.Offers.Count; o++)
                    {
                        var offer = problem.Offers[o];
                        if (offer.Market != market || start < offer.From || start + bid.Run > offer.To || offer.MinRun > bid.Run
                            || (bid.Offers is not null && !bid.Offers.Contains(offer.Id))) continue;
                        var u = $"u{b}_{o}_{start}";
                        Int128 worth = 0;
                        for (var slot = start; slot < start + bid.Run; slot++)
                        {
                            worth += (Int128)(bid.Limit - offer.ReserveAt(slot)) * problem.MinutesOf(slot) * step;
                            Add(_capacity, (o, slot), $" + {step} {u}");
                        }

                        Earn(worth, u);
                        Whole(u, Math.Min(bid.Gpus, offer.Gpus) / step);
                        gpus.Append(CultureInfo.InvariantCulture, $" + {step} {u}");
                    }

                    if (gpus.Length == 0) continue;
                    Row($"{gpus} - {bid.Gpus} {z} <= 0");
                    Row($"{gpus} - {((long)bid.Gpus * bid.MinFill + 999) / 1000} {z} >= 0");
                    Whole(z, 1);
                    choices.Add(z);
                }

            if (choices.Count == 0) return;
            _choices[bid.Id] = choices;
            if (bid.Group is null) Row($" + {string.Join(" + ", choices)} <= 1");
            else _groups[bid.Group] = [.. _groups.GetValueOrDefault(bid.Group, []), .. choices];
        }

        public void Families()
        {
            foreach (var choices in _groups.Values) Row($" + {string.Join(" + ", choices)} <= 1");
            foreach (var bid in problem.Bids)
                if (bid.Parent is not null && _choices.TryGetValue(bid.Id, out var own))
                    Row($" + {string.Join(" + ", own)}{string.Concat(_choices.GetValueOrDefault(bid.Parent, []).Select(z => $" - {z}"))} <= 0");
        }

        public string Text(bool relaxed)
        {
            foreach (var ((offer, _), row) in _capacity) Row($"{row} <= {problem.Offers[offer].Gpus}");
            foreach (var row in _balance.Values) Row($"{row} = 0");
            var whole = relaxed || _wholes.Count == 0 ? "" : $"General\n {string.Join("\n ", _wholes)}\n";
            return $"Minimize\n obj:\n{_objective}Subject To\n{_rows}Bounds\n{_bounds}{whole}End\n";
        }

        /// <summary>CBC minimises: what is earned stands negative.</summary>
        void Earn(Int128 minuteMicros, string variable) =>
            _objective.Append(CultureInfo.InvariantCulture, $" {(minuteMicros > 0 ? "-" : "+")} {(double)Int128.Abs(minuteMicros) / 60:R} {variable}\n");

        void Whole(string variable, int most)
        {
            _bounds.Append(CultureInfo.InvariantCulture, $" 0 <= {variable} <= {most}\n");
            _wholes.Add(variable);
        }

        void Row(string row) => _rows.Append(CultureInfo.InvariantCulture, $" r{_rows.Length}:{row}\n");

        static void Add<TKey>(Dictionary<TKey, StringBuilder> rows, TKey key, string term) where TKey : notnull
        {
            if (!rows.TryGetValue(key, out var row)) rows[key] = row = new StringBuilder();
            row.Append(term);
        }
    }
}
