using ComputeExchange.Client;
using ComputeExchange.Facts.Storage;
using ComputeExchange.MatchingEngine.V1;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ComputeExchange.Facts.Hearing;

/// <summary>Sends what this service asks of the engine, in order, until it is answered. The command's id makes a repetition harmless.</summary>
public sealed class EngineCommandSender(
    ExchangeClient exchange,
    Signals signals,
    IServiceScopeFactory scopes,
    ILogger<EngineCommandSender> log) : BackgroundService
{
    private const int BatchSize = 200;

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await SendSome(stoppingToken) == BatchSize) { }
                await signals.Asked.Wait(TimeSpan.FromSeconds(3), stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                if (failure is RpcException { StatusCode: StatusCode.Unavailable or StatusCode.Cancelled })
                    log.LogDebug("The engine is away; asking again.");
                else
                    log.LogWarning(failure, "Commands could not be sent to the engine; trying again.");
                await Task.Delay(TimeSpan.FromMilliseconds(200), stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task<int> SendSome(CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ServiceDb>();
        var rows = await db.EngineCommands.Where(row => row.Sequence == null).OrderBy(row => row.Id).Take(BatchSize).ToListAsync(cancel);
        FactMeasures.CommandsWait(db.Schema, rows.Count);
        if (rows.Count == 0) return 0;

        using var call = exchange.Engine.SubmitStream(cancellationToken: cancel);
        var sending = Send(call, rows, cancel);
        foreach (var row in rows)
        {
            if (!await call.ResponseStream.MoveNext(cancel)) break;
            var answer = call.ResponseStream.Current;
            if (answer.Sequence == 0)
            {
                // COMMAND_ID_REUSED or MALFORMED would be our own mistake: stay and shout rather than lose it.
                throw new RpcException(new Status(
                    answer.Error == "ENGINE_UNAVAILABLE" ? StatusCode.Unavailable : StatusCode.Internal,
                    $"The engine did not take command {row.CommandId}: {answer.Error}."));
            }
            row.Sequence = answer.Sequence;
        }
        await sending;
        var answered = await db.SaveChangesAsync(cancel);
        FactMeasures.CommandsSent(db.Schema, answered);
        return answered;
    }

    private static async Task Send(
        AsyncDuplexStreamingCall<SubmitRequest, SubmitResponse> call, List<EngineCommandRow> rows, CancellationToken cancel)
    {
        foreach (var row in rows)
        {
            var request = new SubmitRequest { CommandId = row.CommandId.ToString(), Command = EngineCommand.Parser.ParseFrom(row.Body) };
            await call.RequestStream.WriteAsync(request, cancel);
        }
        await call.RequestStream.CompleteAsync();
    }
}
