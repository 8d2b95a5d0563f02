using ComputeExchange.Access.V1;
using ComputeExchange.Client;
using ComputeExchange.Hosting;
using ComputeExchange.Hosting.Access;
using ComputeExchange.MatchingEngine.Core;
using ComputeExchange.MatchingEngine.Running;
using ComputeExchange.MatchingEngine.V1;
using Grpc.Core;
using Case = ComputeExchange.MatchingEngine.V1.EngineCommand.CommandOneofCase;

namespace ComputeExchange.MatchingEngine.Doors;

/// <summary>The engine's door for the other services.</summary>
internal sealed class EngineGrpc(Engine engine, Feed feed, Connections connections, OpenProblems openProblems) : EngineService.EngineServiceBase
{
    private const int MostBytes = 4 << 20;

    /// <summary>Which service may submit which commands; what is not here is the engine's own.</summary>
    private static readonly Dictionary<string, IReadOnlySet<Case>> Allowed = new()
    {
        [ServiceNames.OrderBook] = new HashSet<Case>
        {
            Case.ChangeSettings, Case.DefineMarket, Case.PlaceOffer, Case.CancelOffer, Case.PlaceBid, Case.CancelBid,
            Case.DefineInstrument, Case.SetPhase, Case.SetReference, Case.OpenAccount, Case.LimitAccount, Case.CancelOrders, Case.BustTrade,
        },
        [ServiceNames.Settlement] = new HashSet<Case> { Case.CreditCollateral, Case.DebitCollateral, Case.SettleBond, Case.SetFees },
        [ServiceNames.ProviderRegistry] = new HashSet<Case>
        {
            Case.SetNode, Case.PlaceOffer, Case.CancelOffer, Case.PlaceBid, Case.CancelBid, Case.MoveLease,
        },
        [ServiceNames.Participants] = new HashSet<Case> { Case.SetParticipant },
        [ServiceNames.Auctioneer] = new HashSet<Case> { Case.ClearRun },
    };

    /// <inheritdoc />
    public override async Task<SubmitResponse> Submit(SubmitRequest request, ServerCallContext context)
    {
        try
        {
            return await Take(request, Caller.Of(context), context.CancellationToken);
        }
        catch (EngineUnavailableException unavailable)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, unavailable.Message));
        }
        catch (CommandIdReusedException reused)
        {
            throw Refuse.Exists("COMMAND_ID_REUSED", reused.Message, "command_id");
        }
        catch (MalformedCommandException malformed)
        {
            throw Refuse.Field("command", malformed.Message);
        }
    }

    /// <inheritdoc />
    public override async Task SubmitStream(
        IAsyncStreamReader<SubmitRequest> requestStream, IServerStreamWriter<SubmitResponse> responseStream, ServerCallContext context)
    {
        // Commands go in while earlier answers are still out; a full pipe makes the sender wait.
        var answers = System.Threading.Channels.Channel.CreateBounded<Task<SubmitResponse>>(1_024);
        var writing = Task.Run(async () =>
        {
            await foreach (var answer in answers.Reader.ReadAllAsync(context.CancellationToken))
                await responseStream.WriteAsync(await answer, context.CancellationToken);
        }, context.CancellationToken);
        try
        {
            while (await requestStream.MoveNext(context.CancellationToken))
                await answers.Writer.WriteAsync(TakeOrSay(requestStream.Current, Caller.Of(context), context.CancellationToken), context.CancellationToken);
        }
        finally
        {
            answers.Writer.Complete();
        }
        await writing;
    }

    /// <inheritdoc />
    public override Task EnterOrders(
        IAsyncStreamReader<EnterOrdersRequest> requestStream, IServerStreamWriter<EnterOrdersResponse> responseStream, ServerCallContext context) =>
        new OrderStream(engine, connections).Run(Caller.Of(context).Participant, requestStream, responseStream, context.CancellationToken);

    /// <inheritdoc />
    public override async Task ReadFeed(ReadFeedRequest request, IServerStreamWriter<ReadFeedResponse> responseStream, ServerCallContext context)
    {
        if (request.FromNumber < 1) throw Refuse.Field("from_number", $"is {request.FromNumber}; the first number is 1.");
        if (!engine.IsServing) throw new RpcException(new Status(StatusCode.Unavailable, "This engine does not own the shard now."));
        await foreach (var page in feed.From(request.FromNumber, context.CancellationToken))
        {
            if (!engine.IsServing) throw new RpcException(new Status(StatusCode.Unavailable, "This engine does not own the shard any more."));
            var response = new ReadFeedResponse { LastNumber = feed.LastNumber };
            var bytes = 0;
            foreach (var entry in page)
            {
                // A batch of orders can be large: no reader gets more at once than it can apply in one go.
                if (bytes > MostBytes)
                {
                    await responseStream.WriteAsync(response, context.CancellationToken);
                    response = new ReadFeedResponse { LastNumber = feed.LastNumber };
                    bytes = 0;
                }
                response.Entries.Add(entry);
                bytes += entry.CalculateSize();
            }
            await responseStream.WriteAsync(response, context.CancellationToken);
        }
    }

    /// <inheritdoc />
    public override async Task<GetHoldingsResponse> GetHoldings(GetHoldingsRequest request, ServerCallContext context)
    {
        var only = request.ParticipantId.Length == 0 ? (Guid?)null : Refuse.ParseId("participant_id", request.ParticipantId);
        return await Answer(() => engine.Ask((exchange, status) =>
        {
            var response = new GetHoldingsResponse { FeedNumber = status.FeedNumber };
            if (only is not { } id) response.Holdings.AddRange(exchange.Holdings.Select(held => Wire.ToProto(held, [], [])));
            else if (exchange.HoldingOf(id) is { } held) response.Holdings.Add(Wire.ToProto(held, exchange.ReservationsOf(id), exchange.BondsOf(id)));
            return response;
        }, context.CancellationToken));
    }

    /// <inheritdoc />
    public override Task<GetEngineStatusResponse> GetEngineStatus(GetEngineStatusRequest request, ServerCallContext context) =>
        Answer(() => engine.Ask((exchange, status) =>
        {
            var response = new GetEngineStatusResponse
            {
                Shard = 0,
                Epoch = engine.Epoch,
                Sequence = status.Sequence,
                FeedNumber = status.FeedNumber,
                JournalHash = Convert.ToHexStringLower(status.Hash),
                StateHash = exchange.StateHash(),
                EngineVersion = Exchange.Version,
                ClearingRunId = exchange.ClearingRun,
                Settings = Wire.ToProto(exchange.Settings),
            };
            response.Markets.AddRange(exchange.Markets.Select(market => Wire.ToProto(market.Key, market.Value)));
            return response;
        }, context.CancellationToken));

    /// <inheritdoc />
    public override Task<GetOpenProblemResponse> GetOpenProblem(GetOpenProblemRequest request, ServerCallContext context) =>
        openProblems.Get(request, context.CancellationToken);

    internal static async Task<T> Answer<T>(Func<Task<T>> question)
    {
        try
        {
            return await question();
        }
        catch (EngineUnavailableException unavailable)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, unavailable.Message));
        }
    }

    private async Task<SubmitResponse> TakeOrSay(SubmitRequest request, Caller caller, CancellationToken cancel)
    {
        try
        {
            return await Take(request, caller, cancel);
        }
        catch (EngineUnavailableException)
        {
            return new SubmitResponse { CommandId = request.CommandId, Error = "ENGINE_UNAVAILABLE" };
        }
        catch (CommandIdReusedException)
        {
            return new SubmitResponse { CommandId = request.CommandId, Error = "COMMAND_ID_REUSED" };
        }
        catch (MalformedCommandException)
        {
            return new SubmitResponse { CommandId = request.CommandId, Error = "COMMAND_MALFORMED" };
        }
        catch (RpcException refused)
        {
            return new SubmitResponse
            {
                CommandId = request.CommandId,
                Error = refused.StatusCode == StatusCode.PermissionDenied ? "COMMAND_NOT_ALLOWED" : "COMMAND_MALFORMED",
            };
        }
    }

    private Task<SubmitResponse> Take(SubmitRequest request, Caller caller, CancellationToken cancel)
    {
        var id = Refuse.ParseId("command_id", request.CommandId);
        var command = request.Command ?? throw Refuse.Field("command", "is missing.");
        if (caller.Service is null || !Allowed.TryGetValue(caller.Service, out var allowed) || !allowed.Contains(command.CommandCase))
            throw Refuse.Denied($"{command.CommandCase} is not a command of {caller.Service}.");

        // The edge is trusted to pass requests on, not to make them up: what it passes on bears its end user's id. The registry trades while
        // nobody asks, by what a provider's policy or a buyer's wish to be served again says.
        var owner = command.CommandCase switch
        {
            Case.PlaceBid => command.PlaceBid.BuyerId,
            Case.CancelBid => command.CancelBid.BuyerId,
            Case.PlaceOffer => command.PlaceOffer.ProviderId,
            Case.CancelOffer => command.CancelOffer.ProviderId,
            Case.CancelOrders when !caller.ActsAs(Role.Operator) => command.CancelOrders.ParticipantId,
            Case.BustTrade => command.BustTrade.OperatorId,
            _ => null,
        };
        if (owner is not null && caller.Service != ServiceNames.ProviderRegistry && caller.ParticipantId?.ToString() != owner) throw Refuse.Denied("The order is not the caller's own.");
        if (command.CommandCase is Case.ChangeSettings or Case.DefineMarket or Case.DefineInstrument or Case.SetPhase or Case.SetReference or Case.OpenAccount
                or Case.LimitAccount or Case.BustTrade && !caller.ActsAs(Role.Operator))
            throw Refuse.Denied("Only an operator changes markets, instruments, accounts and settings, and undoes trades.");
        return engine.Submit(id, command, cancel);
    }
}
