using System.CommandLine;
using System.Text;
using ComputeExchange.Cli.Commands;
using ComputeExchange.OrderBook.V1;
using ComputeExchange.Values.Auctions;
using Google.Protobuf;
using Shouldly;
using Xunit;

namespace ComputeExchange.Cli.Tests;

/// <summary>What is said of the public record of a run that an exchange serves.</summary>
public class RunRecordTests
{
    /// <summary>Two bids for the eight GPUs of one hour: the dearer gets them, at the midpoint of the two limits.</summary>
    const string Problem = """
        {"version":1,"slot_minutes":60,"slots":1,"markets":["H100-SXM-80GB.us"],
         "offers":[{"id":"o1","market":0,"gpus":8,"from":0,"to":1,"reserve":1000000,"min_run":1}],
         "bids":[{"id":"b1","kind":"divisible","markets":[0],"gpus":8,"from":0,"to":1,"limit":2400000},
                 {"id":"b2","kind":"divisible","markets":[0],"gpus":8,"from":0,"to":1,"limit":2000000}]}
        """;

    [Fact]
    public async Task A_record_as_it_was_published_is_valid_and_says_who_solved_it()
    {
        var (code, said) = await Judge(Served(Solution(2_200_000)));
        said.ShouldBe($"""
            run 7, solved by auctioneer 1, stopped: done
            sha256 {RunRecord.HashOf(Encoding.UTF8.GetBytes(Problem), Solution(2_200_000))}, as published
            valid

            """, StringCompareShould.IgnoreLineEndings);
        code.ShouldBe(0);
    }

    [Fact]
    public async Task A_record_that_was_changed_after_it_was_published_is_seen_even_where_it_keeps_every_rule()
    {
        var record = Served(Solution(2_200_000));
        record.SolutionFile = ByteString.CopyFrom(Solution(2_300_000));
        var (code, said) = await Judge(record);
        said.ShouldContain($"not what was published: {record.Run.RecordSha256}");
        said.TrimEnd().ShouldEndWith("valid");
        code.ShouldBe(1);
    }

    [Fact]
    public async Task A_record_that_breaks_a_rule_is_not_valid_although_it_is_what_was_published()
    {
        var (code, said) = await Judge(Served(Solution(2_400_001)));
        said.ShouldContain(", as published");
        said.ShouldContain("rule 3: bid b1");
        code.ShouldBe(1);
    }

    [Fact]
    public async Task A_record_that_does_not_read_is_refused_with_its_place()
    {
        var record = Served(Solution(2_200_000));
        record.ProblemFile = ByteString.CopyFromUtf8("{\"version\":1}");
        var (code, said) = await Judge(record);
        code.ShouldBe(2);
        said.ShouldContain("problem: ");
    }

    [Theory]
    [InlineData("is not a run's number", "--run", "x")]
    [InlineData("leave the files out", "--run", "1", "p.json", "s.json")]
    [InlineData("cx auction verify --run N")]
    [InlineData("cx auction verify --run N", "p.json")]
    public async Task Verify_takes_files_or_a_run(string words, params string[] line)
    {
        var error = new StringWriter();
        (await Program.Contents().Run(["auction", "verify", .. line], new StringWriter(), error)).ShouldBe(1);
        error.ToString().ShouldContain(words);
    }

    static byte[] Solution(long price) => AuctionJson.WriteSolution(new AuctionSolution
    {
        Status = AuctionStatus.Optimal,
        Welfare = 11_200_000,
        Bound = 11_200_000,
        Prices = [[price]],
        Fills = [new AuctionFill("b1", "o1", 0, 1, 8)],
        LeftOut = [],
        LeftOutOffers = [],
    });

    static GetRunRecordResponse Served(byte[] solution) => new()
    {
        Run = new Run { RunId = 7, Solver = "auctioneer 1", Stopped = "done", RecordSha256 = RunRecord.HashOf(Encoding.UTF8.GetBytes(Problem), solution) },
        ProblemFile = ByteString.CopyFromUtf8(Problem),
        SolutionFile = ByteString.CopyFrom(solution),
    };

    static async Task<(int Code, string Said)> Judge(GetRunRecordResponse record)
    {
        var root = new RootCommand { CommandShape.Make("judge", "").Does(session => Task.FromResult(RunRecord.Judge(session, record))) };
        root.Add(Session.Json);
        var said = new StringWriter();
        return (await root.Run(["judge"], said, said), said.ToString());
    }
}
