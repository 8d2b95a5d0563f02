using System.CommandLine;
using ComputeExchange.Cli.Output;
using ComputeExchange.Participants.V1;

namespace ComputeExchange.Cli.Commands;

/// <summary><c>cx audit</c>: every operator's act, each row bound to the one before by its hash.</summary>
public static class AuditCommand
{
    static readonly Sheet<AuditRow> Sheet = new Sheet<AuditRow>("audit_rows", "No acts yet.")
        .Number("Row", "number", row => row.Number)
        .Time("When", "happened_time", row => row.HappenedTime)
        .Text("Who", "actor", row => row.Actor)
        .Text("What", "act", row => row.Act)
        .Text("Detail", "detail_json", row => row.DetailJson)
        .Text("Hash", "hash", row => row.Hash);

    /// <summary>The command.</summary>
    public static Command Make() => CommandShape.Make("audit", "The audit log, newest first (operators and auditors).", States.Most)
        .Does(async session =>
        {
            var most = session.Line.GetValue(States.Most);
            session.Print.Rows(Sheet, await Session.Pages<AuditRow>(async token =>
            {
                var request = new ListAuditRowsRequest { PageSize = most is > 0 and < 1000 ? most : 1000, PageToken = token };
                var reply = await session.Ask(cancel => session.Exchange.Participants.ListAuditRowsAsync(request, cancellationToken: cancel));
                return (reply.Rows, reply.NextPageToken);
            }, most));
        });
}
