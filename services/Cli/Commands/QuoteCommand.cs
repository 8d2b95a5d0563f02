using System.CommandLine;
using ComputeExchange.Cli.Output;
using ComputeExchange.OrderBook.V1;

namespace ComputeExchange.Cli.Commands;

/// <summary><c>cx quote</c>: what capacity would cost now, without buying it.</summary>
public static class QuoteCommand
{
    static readonly Argument<string> Market = CommandShape.Needed("market", "The market, for example H100-SXM-80GB.us.");

    static readonly Sheet<(QuoteRequest Asked, QuoteResponse Quote)> Sheet = new Sheet<(QuoteRequest Asked, QuoteResponse Quote)>("quote", "")
        .Text("Market", "market", quoted => quoted.Asked.Market)
        .Count("GPUs", "gpu_count", quoted => quoted.Asked.GpuCount)
        .Time("From", "from_time", quoted => quoted.Asked.FromTime)
        .Time("To", "to_time", quoted => quoted.Asked.ToTime)
        .Flag("Available", "available", quoted => quoted.Quote.Available)
        .Text("Why not", "unavailable_reason", quoted => quoted.Quote.UnavailableReason)
        .Price("Limit that is in the money", "limit_micros_per_gpu_hour", quoted => quoted.Quote.Available ? quoted.Quote.LimitMicrosPerGpuHour : null)
        .Money("Cost at the reserves", "cost_micros", quoted => quoted.Quote.Available ? quoted.Quote.CostMicros : null)
        .Money("Fee", "fee_micros", quoted => quoted.Quote.Available ? quoted.Quote.FeeMicros : null);

    /// <summary>The command.</summary>
    public static Command Make() => CommandShape.Make("quote", "What capacity would cost now, from the open offers. Exit code 1 if there is not enough.",
            Market, Window.Gpus, Window.From, Window.Hours)
        .Does(async session =>
        {
            var (from, to) = await Window.Read(session);
            var request = new QuoteRequest { Market = session.Line.GetRequiredValue(Market), GpuCount = session.Line.GetValue(Window.Gpus), FromTime = from, ToTime = to };
            var quote = await session.Ask(cancel => session.Exchange.OrderBook.QuoteAsync(request, cancellationToken: cancel));
            session.Print.Card(Sheet, (request, quote));
            return quote.Available ? 0 : 1;
        });
}
