using System.CommandLine;
using ComputeExchange.Cli.Commands.Search;
using ComputeExchange.Cli.Words;
using ComputeExchange.ProviderRegistry.V1;
using ComputeExchange.Values.Filters;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace ComputeExchange.Cli.Commands;

/// <summary><c>cx search</c>: what can be bought, where and when, and for how much.</summary>
public static class SearchCommand
{
    static readonly Argument<string[]> Filter = new("filter") { Description = "What it must have, in quotes: \"class = H100-SXM-80GB and gpus >= 8 and reliability > 0.98 and zone = EU and nvlink\". A single word that is no field: a part of the market's name.", Arity = ArgumentArity.ZeroOrMore };
    static readonly Option<string?> From = CommandShape.May("--from", "TIME", "Free from then on: 2026-03-01T09:00Z, +3h, \"tomorrow 09:00\". Default: now.");
    static readonly Option<int?> Hours = CommandShape.MayWhole<int>("--hours", "N", "For so many hours in a row, 1 to 168. Default: 1.");
    static readonly Option<string?> Sort = CommandShape.May("--sort", "FIELD", "A field to sort by, with - before it for the largest first. Default: price.");
    static readonly Option<int> Limit = CommandShape.Whole("--limit", "N", "How many machines at most; 0 for all.", orElse: 20);
    static readonly Option<bool> Fields = new("--fields") { Description = "List the fields of the filter language." };
    static readonly Option<string?> Markets = new("--markets") { Description = "Only the markets, with the next tradable hour: those whose name contains TEXT, or all.", HelpName = "TEXT", Arity = ArgumentArity.ZeroOrOne };

    /// <summary>The command.</summary>
    public static Command Make() => CommandShape.Make("search", "What can be bought: markets with their next hour, and machines that are free, with the price now and the likely price.",
            Filter, From, Hours, Sort, Limit, Fields, Markets)
        .Does(async session =>
        {
            if (session.Line.GetValue(Fields))
            {
                session.Print.Rows(CapacityRows.Fields, (await session.Ask(cancel => session.Exchange.Search.ListSearchFieldsAsync(new ListSearchFieldsRequest(), cancellationToken: cancel))).Fields);
                session.Print.Say("Compare with = != < <= > >=, name several values with in (a, b), join with and; a field that is true or false stands alone, or after not.");
                return;
            }
            var text = string.Join(' ', session.Line.GetValue(Filter) ?? []).Trim();
            if (session.Line.GetResult(Markets) is { Implicit: false })
            {
                if (text.Length > 0) throw new InputException("--markets: takes a part of a market's name, not a filter.");
                await MarketSummary.Print(session, session.Line.GetValue(Markets) ?? "");
                return;
            }
            var isName = IsName(text);
            if (!isName) Check(Filter.Name, text, NodeFilter.Parse);
            var request = await Request(session, isName ? "" : text);
            if (isName) await Overview(session, text, request);
            else await Machines(session, request);
        });

    /// <summary>Whether it is a part of a market's name, as nothing or a single word is; a field that is true or false is a filter by itself.</summary>
    public static bool IsName(string text) =>
        FilterFields.Find(text) is null && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_');

    static async Task<SearchCapacityRequest> Request(Session session, string filter) => new()
    {
        Filter = filter,
        FromTime = session.Line.GetValue(From) is { } from ? (await session.Slot(From.Name, from)).ToTimestamp() : null,
        HourCount = session.Line.GetValue(Hours) ?? 0,
        OrderBy = session.Line.GetValue(Sort) ?? "",
    };

    /// <summary>The markets, and the machines of these markets where the exchange shows them to the caller.</summary>
    static async Task Overview(Session session, string text, SearchCapacityRequest request)
    {
        var markets = await MarketSummary.Print(session, text);
        if (text.Length > 0)
        {
            if (markets.Count == 0) return;
            request.Filter = $"market in ({string.Join(", ", markets.Take(64))})";
        }
        try
        {
            session.Print.Heading("Free machines");
            await Machines(session, request);
        }
        catch (RpcException refused) when (refused.StatusCode is StatusCode.Unauthenticated or StatusCode.PermissionDenied or StatusCode.Unimplemented)
        {
            session.Print.Say(refused.StatusCode == StatusCode.Unimplemented ? "This exchange does not list machines." : "Machines are listed with a key: use --key or --as.");
        }
    }

    static async Task Machines(Session session, SearchCapacityRequest request)
    {
        var most = session.Line.GetValue(Limit);
        var (understood, isMore) = ("", false);
        var found = await Session.Pages<Capacity>(async token =>
        {
            request.PageToken = token;
            request.PageSize = most is > 0 and < 1000 ? most : 1000;
            var reply = await session.Ask(cancel => session.Exchange.Search.SearchCapacityAsync(request, cancellationToken: cancel));
            (understood, isMore) = (reply.Understood, reply.NextPageToken.Length > 0);
            return (reply.Capacities, reply.NextPageToken);
        }, most);
        session.Print.Rows(CapacityRows.Found, found);
        session.Print.Field("understood", understood);
        if (isMore && found.Count > 0) session.Print.Say($"The first {found.Count}: --limit N shows more, a filter fewer (cx search --fields).");
        if (found.Any(capacity => capacity.Simulated)) session.Print.Say("Simulated: an inventory file stands for the hardware.");
    }

    /// <summary>Refuses a filter that does not read, with a mark under the word that is wrong.</summary>
    public static void Check<T>(string field, string text, Func<string, T> read)
    {
        try
        {
            read(text);
        }
        catch (FilterException wrong)
        {
            throw new InputException($"{field}: {wrong.Message}\n{string.Join('\n', wrong.Mark(text).Split('\n').Select(line => "  " + line))}");
        }
    }
}
