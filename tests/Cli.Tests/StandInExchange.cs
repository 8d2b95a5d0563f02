using ComputeExchange.Client;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.V1;
using ComputeExchange.Pricing.V1;
using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Shouldly;
using Xunit;
using Status = Grpc.Core.Status;

namespace ComputeExchange.Cli.Tests;

/// <summary>An exchange that answers as a test says, over the wire, and remembers what it was asked.</summary>
public sealed class StandInExchange : IAsyncDisposable
{
    /// <summary>What its clock shows.</summary>
    public static readonly DateTimeOffset Now = new(2026, 3, 2, 9, 30, 0, TimeSpan.Zero);

    readonly Dictionary<System.Type, Func<object, object>> _answers = [];
    readonly List<object> _asked = [];
    readonly Lock _access = new();
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cx-stand-in-");
    readonly WebApplication _server;

    StandInExchange()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc(grpc => grpc.Interceptors.Add<Answering>(this));
        _server = builder.Build();
        _server.MapGrpcService<Clock>();
        _server.MapGrpcService<Markets>();
        _server.MapGrpcService<Book>();
        _server.MapGrpcService<Prices>();
        _server.MapGrpcService<Registry>();
        _server.MapGrpcService<Nodes>();
        _server.MapGrpcService<Deliveries>();
        _server.MapGrpcService<Search>();
        Answer((GetClockRequest _) => new GetClockResponse { ClockTime = Now.ToTimestamp() });
        Answer((ListMarketsRequest _) => new ListMarketsResponse { Settings = new ChangeSettings { SlotMinutes = 60 } });
    }

    /// <summary>A folder of its own, where no key is.</summary>
    public string Folder => _folder.FullName;

    /// <summary>One that runs.</summary>
    public static async Task<StandInExchange> Start()
    {
        var exchange = new StandInExchange();
        await exchange._server.StartAsync(TestContext.Current.CancellationToken);
        return exchange;
    }

    /// <summary>Says how a question is answered.</summary>
    public void Answer<TRequest, TResponse>(Func<TRequest, TResponse> answer) where TRequest : class, IMessage where TResponse : class, IMessage =>
        _answers[typeof(TRequest)] = request => answer((TRequest)request);

    /// <summary>Says what a stream tells, one after the other.</summary>
    public void Tell<TRequest, TResponse>(params TResponse[] told) where TRequest : class, IMessage where TResponse : class, IMessage => _answers[typeof(TRequest)] = _ => told;

    /// <summary>What it was asked of a kind, in order.</summary>
    public IReadOnlyList<TRequest> Asked<TRequest>()
    {
        lock (_access) return [.. _asked.OfType<TRequest>()];
    }

    /// <summary>What it was asked of a kind, once.</summary>
    public TRequest Only<TRequest>() => Asked<TRequest>().ShouldHaveSingleItem();

    /// <summary>A refusal that names a field, or has a reason.</summary>
    public static RpcException Refusal(StatusCode code, string sentence, string field = "", string reason = "")
    {
        var details = new Google.Rpc.Status { Code = (int)code, Message = sentence };
        if (field.Length > 0) details.Details.Add(Any.Pack(new BadRequest { FieldViolations = { new BadRequest.Types.FieldViolation { Field = field, Description = sentence } } }));
        if (reason.Length > 0) details.Details.Add(Any.Pack(new ErrorInfo { Reason = reason }));
        return new RpcException(new Status(code, sentence), new Metadata { { RpcFailure.DetailsTrailer, details.ToByteArray() } });
    }

    /// <summary>Runs a command line against it.</summary>
    public async Task<(int Code, string Output, string Error)> Run(params string[] words)
    {
        var (output, error) = (new StringWriter(), new StringWriter());

        // What stands after -- belongs to the command that is to run.
        var cut = Array.IndexOf(words, "--");
        var (own, rest) = cut < 0 ? (words, []) : (words[..cut], words[cut..]);
        var code = await Program.Contents().Run([.. own, "--address", _server.Urls.First(), "--data", _folder.FullName, .. rest], output, error);
        return (code, output.ToString(), error.ToString());
    }

    /// <summary>Runs a command line that succeeds, and gives what programs read.</summary>
    public async Task<System.Text.Json.Nodes.JsonNode> Json(params string[] words)
    {
        var (code, output, error) = await Run([words[0], "--json", .. words[1..]]);
        (code, error).ShouldBe((0, ""));
        return System.Text.Json.Nodes.JsonNode.Parse(output)!;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    object AnswerTo(object request)
    {
        lock (_access) _asked.Add(request);
        return _answers.TryGetValue(request.GetType(), out var answer) ? answer(request) : throw new RpcException(new Status(StatusCode.Unimplemented, $"{request.GetType().Name} was not expected."));
    }

    sealed class Answering(StandInExchange exchange) : Interceptor
    {
        public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation) =>
            Task.FromResult((TResponse)exchange.AnswerTo(request));

        public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
            TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
        {
            foreach (var told in (TResponse[])exchange.AnswerTo(request)) await responseStream.WriteAsync(told);
        }
    }

    sealed class Clock : ClockService.ClockServiceBase;

    sealed class Markets : MarketService.MarketServiceBase;

    sealed class Book : OrderBookService.OrderBookServiceBase;

    sealed class Prices : PricingService.PricingServiceBase;

    sealed class Registry : ProviderRegistryService.ProviderRegistryServiceBase;

    sealed class Nodes : NodesService.NodesServiceBase;

    sealed class Deliveries : DeliveryService.DeliveryServiceBase;

    sealed class Search : SearchService.SearchServiceBase;
}
