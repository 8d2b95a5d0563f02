using System.Text;
using ComputeExchange.Cli.Replay.Files;
using ComputeExchange.Cli.Replay.Plan;

namespace ComputeExchange.Cli.Tests;

/// <summary>Small files for tests.</summary>
static class TestFiles
{
    public const string OfferHeader = "collected_utc,machine_id,host_id,gpu_name,num_gpus,gpu_ram,dph_base,min_bid,reliability2,geolocation";

    public static OffersFile Offers(params string[] rows) =>
        OffersFile.Read("offers.csv", Bytes([OfferHeader, .. rows]), tick: 1_000, highest: 50_000_000);

    public static RequestsFile Requests(params string[] rows) =>
        RequestsFile.Read("requests.csv", Bytes(["TIMESTAMP,ContextTokens,GeneratedTokens", .. rows]));

    public static TokensFile Tokens(params string[] rows) =>
        TokensFile.Read("tokens.csv", Bytes(["model,scenario,accelerator,tokens_per_second_per_gpu,mlperf_id", .. rows]));

    public static PricesFile Prices(params string[] rows) =>
        PricesFile.Read("prices.csv", Bytes(["date,provider,model_id,input_usd_per_1m,output_usd_per_1m", .. rows]));

    /// <summary>Two machines of one class in two regions, a third that nobody can serve, and a model that earns $2 a GPU-hour.</summary>
    public static ReplayFiles Small { get; } = new(
        Offers(
            "2026-02-27T12:00:00Z,1,10,H100 SXM,8,81559,12.8,8,0.99,\"Texas, US\"",
            "2026-02-27T12:00:00Z,2,20,H100 SXM,4,81559,8,6,0.95,\"Sweden, SE\"",
            "2026-02-27T12:00:00Z,3,20,RTX 4090,4,24564,1.6,1,0.95,\"Sweden, SE\"",
            "2026-02-28T12:00:00Z,1,10,H100 SXM,8,81559,13.6,8,0.99,\"Texas, US\""),
        Requests("2023-11-16 18:15:01,400,100", "2023-11-16 18:15:59,200,200", "2023-11-16 18:16:30,600,60"),
        Tokens("llama3.1-8b,Server,NVIDIA H100-SXM-80GB,5000,a", "llama3.1-8b,Offline,NVIDIA H100-SXM-80GB,6000,b"),
        Prices("2026-02-01,meta,meta-llama/llama-3.1-8b-instruct,0.02,0.05"));

    public static ReplayPlan Plan(int days = 1, long seed = 1, decimal scale = 1) =>
        Planner.Make(Small, new PlanOptions("llama3.1-8b", days, seed, scale), ExchangeTerms.Default);

    static byte[] Bytes(IEnumerable<string> lines) => Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n");
}
