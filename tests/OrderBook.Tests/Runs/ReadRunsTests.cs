using System.Security.Cryptography;
using System.Text;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.Runs;
using ComputeExchange.OrderBook.Storage;
using ComputeExchange.OrderBook.V1;
using Grpc.Core;
using Shouldly;
using Xunit;
using static ComputeExchange.OrderBook.Tests.Happened;

namespace ComputeExchange.OrderBook.Tests.Runs;

public sealed class ReadRunsTests(BookDatabase database) : Book(database)
{
    private const string Problem = """{"version":1,"offers":[{"id":"o1"}],"bids":[{"id":"b1"},{"id":"b1.2"},{"id":"b2"}]}""";

    [Fact]
    public async Task A_run_that_waits_shows_its_problem_and_what_is_in_it()
    {
        await Feed(RunClosed(1, Problem));
        var answer = await Get(1);
        Text(answer.ProblemJson).ShouldBe(Problem);
        answer.SolutionJson.ShouldBeEmpty();
        answer.Run.ClosedTime.ToDateTimeOffset().ShouldBe(Now);
        answer.Run.ClearedTime.ShouldBeNull();
        (answer.Run.BidCount, answer.Run.OfferCount).ShouldBe((2, 1));
    }

    [Fact]
    public async Task A_cleared_run_shows_problem_and_solution_byte_for_byte()
    {
        await Feed(RunClosed(1, Problem), Bid(1, Ids.Of(1), 8, 10, 13, 2), Offer(1, Ids.Of(2), 8, 10, 13, 1));
        Clock.MoveTo(Now.AddSeconds(3));
        await Feed(RunCleared(1, bids: 2, offers: 1, solution: """{"version":1, "größe":"ä"}"""), Sold(1, 1, 1, 1, Ids.Of(1), 4, 10, 11, 1), Sold(2, 1, 1, 1, Ids.Of(1), 4, 11, 12, 1));

        var answer = await Get(1);
        Text(answer.ProblemJson).ShouldBe(Problem);
        Text(answer.SolutionJson).ShouldBe("""{"version":1, "größe":"ä"}""");
        answer.Run.ClearedTime.ToDateTimeOffset().ShouldBe(Now.AddSeconds(3));
        (answer.Run.WelfareMicros, answer.Run.BoundMicros, answer.Run.LeftOutCount, answer.Run.LeaseCount).ShouldBe((500, 510, 1, 2));
    }

    [Fact]
    public async Task A_run_that_was_given_up_was_never_cleared()
    {
        await Feed(RunClosed(1, Problem), new EngineEvent { RunReopened = new RunReopened { RunId = 1 } });
        (await Get(1)).Run.ClearedTime.ShouldBeNull();
    }

    [Fact]
    public async Task A_run_in_which_nothing_could_trade_is_cleared_without_a_record()
    {
        await Feed(RunCleared(1, bids: 0, offers: 3, solution: ""));
        var answer = await Get(1);
        answer.ProblemJson.ShouldBeEmpty();
        answer.SolutionJson.ShouldBeEmpty();
        answer.Run.ClosedTime.ShouldBe(answer.Run.ClearedTime);
        answer.Run.OfferCount.ShouldBe(3);
    }

    [Fact]
    public async Task A_record_is_the_very_bytes_with_the_hash_that_anyone_computes_over_them()
    {
        const string solution = """{"version":1,"status":"optimal","stopped":"done","solver":"auctioneer 1"}""";
        await Feed(RunClosed(1, Problem), RunCleared(1, solution: solution));
        var record = await Record(1);
        (Text(record.ProblemFile), Text(record.SolutionFile)).ShouldBe((Problem, solution));
        record.Run.RecordSha256.ShouldBe(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Problem + solution))));
        (record.Run.Status, record.Run.Stopped, record.Run.Solver).ShouldBe(("optimal", "done", "auctioneer 1"));
        (await List(1, "")).Runs[0].RecordSha256.ShouldBe(record.Run.RecordSha256);
    }

    [Fact]
    public async Task A_record_that_was_changed_afterwards_is_not_what_its_hash_says()
    {
        await Feed(RunClosed(1, Problem), RunCleared(1, solution: """{"welfare":1}"""));
        await Db(async db =>
        {
            (await db.RunRecords.FindAsync([1L], Cancel))!.SolutionGzip = RunRecordRow.Pack("""{"welfare":2}"""u8);
            return await db.SaveChangesAsync(Cancel);
        });
        var record = await Record(1);
        RunRecordRow.HashOf(record.ProblemFile.Span, record.SolutionFile.Span).ShouldNotBe(record.Run.RecordSha256);
    }

    [Fact]
    public async Task Only_a_cleared_run_in_which_something_could_trade_has_a_record()
    {
        await Feed(RunClosed(1, Problem), RunClosed(2, Problem), new EngineEvent { RunReopened = new RunReopened { RunId = 2 } }, RunCleared(3, solution: ""));
        var waits = await Refused(() => Record(1));
        (waits.Reason, waits.Message).ShouldBe(("RUN_NOT_CLEARED", "Run 1 still waits for its solution; ask again in a minute."));
        (await Refused(() => Record(2))).Message.ShouldStartWith("Run 2 was given up");
        (await Refused(() => Record(3))).Message.ShouldContain("nothing could trade");
        (await Refused(() => Record(4))).Code.ShouldBe(StatusCode.NotFound);
    }

    [Fact]
    public async Task Runs_come_newest_first_in_pages()
    {
        await Feed(RunClosed(1), RunCleared(1), RunClosed(2), RunCleared(2), RunClosed(3));
        var first = await List(2, "");
        first.Runs.Select(run => run.RunId).ShouldBe([3, 2]);
        (await List(2, first.NextPageToken)).Runs.Select(run => run.RunId).ShouldBe([1]);
        (await Refused(() => List(201, ""))).Fields.ShouldHaveSingleItem().Field.ShouldBe("page_size");
    }

    [Fact]
    public async Task There_is_no_run_before_the_first() => (await Refused(() => Get(0))).Code.ShouldBe(StatusCode.NotFound);

    private Task<GetRunResponse> Get(long run) => Slice<ReadRuns, GetRunResponse>(runs => runs.Get(new GetRunRequest { RunId = run }, Cancel));

    private Task<GetRunRecordResponse> Record(long run) => Slice<ReadRuns, GetRunRecordResponse>(runs => runs.GetRecord(new GetRunRecordRequest { RunId = run }, Cancel));

    private Task<ListRunsResponse> List(int size, string token) =>
        Slice<ReadRuns, ListRunsResponse>(runs => runs.List(new ListRunsRequest { PageSize = size, PageToken = token }, Cancel));
}
