using System.Diagnostics;
using System.Text.Json;
using Shouldly;
using Xunit;

namespace ComputeExchange.EndToEnd.Tests;

[Collection(ToldStoryTests.Name)]
[Trait("Pace", "any")]
public class IndependentClientTests(ToldStory told)
{
    [Fact]
    public async Task A_gRPC_client_of_another_make_lists_markets_trades_and_prices_and_reads_errors_with_their_details()
    {
        var host = told.Host;
        var folder = Path.Combine(Checkout.Root, "tests", "EndToEnd.Tests", "grpc-js");
        await Run("npm", ["ci", "--no-audit", "--no-fund", "--silent"], folder);
        var printed = await Run("node", ["check.js", $"127.0.0.1:{host.Port}", Path.Combine(Checkout.Root, "contracts", "Protos"), host.OperatorKey], folder);

        using var answer = JsonDocument.Parse(printed);
        answer.RootElement.GetProperty("unexpected").EnumerateArray().Select(error => error.GetString()).ShouldBeEmpty();
        answer.RootElement.GetProperty("markets").EnumerateArray().Single().GetString().ShouldBe(Story.Market);
        answer.RootElement.GetProperty("trades").GetInt32().ShouldBe(1);
        answer.RootElement.GetProperty("prices").GetInt32().ShouldBe(3);
        answer.RootElement.GetProperty("stranger").GetInt32().ShouldBe(16);
        answer.RootElement.GetProperty("wrong").GetInt32().ShouldBeOneOf(3, 5);
        answer.RootElement.GetProperty("malformed").GetInt32().ShouldBe(3);
        answer.RootElement.GetProperty("details").GetBoolean().ShouldBeTrue();
    }

    private static async Task<string> Run(string program, string[] arguments, string folder)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} cannot be started: install nodejs and npm.");
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0, await errors);
        return await output;
    }
}
