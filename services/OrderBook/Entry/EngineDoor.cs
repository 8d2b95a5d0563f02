using System.Diagnostics;
using ComputeExchange.Client;
using ComputeExchange.Hosting;
using ComputeExchange.Hosting.Access;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Values;
using Grpc.Core;

namespace ComputeExchange.OrderBook.Entry;

/// <summary>Has the engine journal a command, and answers after it is committed.</summary>
public delegate Task<SubmitResponse> Submit(SubmitRequest request, CancellationToken cancel);

/// <summary>Hands commands to the engine under an id that belongs to the caller and its request, and puts refusals into the exchange's words.</summary>
public sealed class EngineDoor(Submit submit)
{
    /// <summary>The id of a command follows from the caller and its request, so that a retry is known as one.</summary>
    public static Guid CommandId(Guid participant, Guid requestId) => DerivedId.From(participant, requestId);

    /// <summary>What the command caused.</summary>
    /// <exception cref="RpcException">The engine refused it, the request id is another request's, or the engine is away.</exception>
    public async Task<SubmitResponse> Ask(Caller caller, Guid requestId, EngineCommand command, Complaints complaints, CancellationToken cancel)
    {
        var request = new SubmitRequest { CommandId = CommandId(caller.Participant, requestId).ToString(), Command = command };
        var answer = await Send(request, cancel);
        var refused = answer.Events.Select(happened => happened.CommandRefused).FirstOrDefault(refusal => refusal is not null);
        return refused is null ? answer : throw Translated(refused, complaints);
    }

    private async Task<SubmitResponse> Send(SubmitRequest request, CancellationToken cancel)
    {
        try
        {
            return await submit(request, cancel);
        }
        catch (RpcException failed)
        {
            throw failed.StatusCode switch
            {
                StatusCode.AlreadyExists => Refuse.Exists(
                    "REQUEST_ID_REUSED", "This request id was used for another request; choose a new UUID for each request.", "request_id"),
                _ when Patience.IsPassing(failed) || failed.StatusCode == StatusCode.ResourceExhausted =>
                    new RpcException(new Status(
                        StatusCode.Unavailable, "The matching engine did not answer; ask again with the same request id to learn what became of it.")),

                // Everything else is between the services, not the caller's doing.
                _ => new UnreachableException($"The engine did not take a {request.Command.CommandCase} command: {failed.Status}", failed),
            };
        }
    }

    private static RpcException Translated(CommandRefused refused, Complaints complaints) => refused.Reason switch
    {
        // What a bid asks of nodes is asked in words here.
        "NODE_UNKNOWN" or "NEEDS_OUT_OF_RANGE" or "NEEDS_WITHOUT_BLOCK" when refused.Field.StartsWith("needs", StringComparison.Ordinal) =>
            Fields("where", refused.Message, complaints),
        "LIMIT_OUT_OF_RANGE" when refused.Field is "orders_per_second" or "order_burst" or "open_order_count_max" => Fields($"limits.{refused.Field}", refused.Message, complaints),
        "LIMIT_NOT_ON_TICK" or "LIMIT_OUT_OF_RANGE" or "WINDOW_MALFORMED" or "GPU_COUNT_OUT_OF_RANGE"
            or "RUN_OUT_OF_RANGE" or "KIND_MISSING" or "MARKET_COUNT" or "START_OUT_OF_WINDOW" or "START_COUNT" or "MIN_FILL_OUT_OF_RANGE"
            or "NODE_GROUP" or "GROUP_NAME" or "PARENT_AND_GROUP" or "NOT_FOR_THIS_KIND" or "RESERVE_COUNT" => Fields(refused.Field, refused.Message, complaints),
        "MARKET_NAME" => Fields("market.market", refused.Message, complaints),
        "SETTING_OUT_OF_RANGE" => Fields($"settings.{refused.Field}", refused.Message, complaints),
        "INSTRUMENT_TERMS" => Fields($"terms.{refused.Field}", refused.Message, complaints),
        "REFERENCE_OUT_OF_RANGE" or "PHASE" or "CALL_END" => Fields(refused.Field, refused.Message, complaints),
        "BID_UNKNOWN" or "OFFER_UNKNOWN" or "INSTRUMENT_UNKNOWN" => Refuse.NotFound(refused.Message),
        _ => Refuse.Rule(refused.Reason, refused.Field.Length > 0 ? $"{refused.Field}: {refused.Message}" : refused.Message, refused.Field),
    };

    private static RpcException Fields(string field, string message, Complaints complaints) =>
        Refuse.Fields([(field, message), .. complaints.Doubts.Where(doubt => doubt.Field != field)]);
}
