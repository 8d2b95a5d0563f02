using System.Diagnostics;
using ComputeExchange.Hosting;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Domain.Fees;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Settlement.V1;
using Google.Protobuf.WellKnownTypes;

namespace ComputeExchange.Settlement;

/// <summary>Requests about payments into what is meant by them, every wrong field named, and rows into replies.</summary>
internal static class PaymentsWire
{
    public static (Guid RequestId, Proposed Proposed) Parse(this ProposeRequest request, DateOnly today)
    {
        var wrong = new List<(string, string)>();
        var requestId = Wire.Id("request_id", request.RequestId, wrong);
        Proposed? proposed = request.WhatCase switch
        {
            ProposeRequest.WhatOneofCase.SetLimits => new Proposed.Limits(
                request.SetLimits.SingleMicros, request.SetLimits.DailyMicros, request.SetLimits.ApprovalMicros, request.SetLimits.CoolingMinutes),
            ProposeRequest.WhatOneofCase.Resume => new Proposed.Resume(request.Resume.Explanation),
            ProposeRequest.WhatOneofCase.AssignDeposit => new Proposed.Assign(
                Wire.Id("assign_deposit.deposit_id", request.AssignDeposit.DepositId, wrong),
                Wire.Id("assign_deposit.participant_id", request.AssignDeposit.ParticipantId, wrong)),
            ProposeRequest.WhatOneofCase.Correct => new Proposed.Correct(
                request.Correct.DebitAccount, request.Correct.CreditAccount, request.Correct.AmountMicros, request.Correct.Reason),
            ProposeRequest.WhatOneofCase.SetFees => new Proposed.SetFees(
                request.SetFees.FromDay, [.. request.SetFees.Tiers.Select(tier => new Tier(tier.FromVolumeMicros, tier.BuyerPpm, tier.SellerPpm))]),
            ProposeRequest.WhatOneofCase.SetTax => new Proposed.SetTax(request.SetTax.TaxCode, request.SetTax.FromDay, request.SetTax.RatePpm),
            _ => null,
        };
        if (proposed is null) wrong.Add(("what", "is missing: give one of set_limits, resume, assign_deposit, correct, set_fees and set_tax."));
        else wrong.AddRange(proposed.Check(today));
        return wrong.Count == 0 ? (requestId, proposed!) : throw Refuse.Fields(wrong);
    }

    public static string ParseText(string field, string text, int most) =>
        string.IsNullOrWhiteSpace(text) ? throw Refuse.Field(field, "is missing: say why.")
        : text.Length > most || text.Any(char.IsControl) ? throw Refuse.Field(field, $"is not one line of at most {most} characters.")
        : text.Trim();

    public static PaymentLimits ToProto(this PaymentRulesRow row) => new()
    {
        SingleMicros = row.SingleMicros, DailyMicros = row.DailyMicros, ApprovalMicros = row.ApprovalMicros, CoolingMinutes = row.CoolingMinutes,
    };

    public static DepositRecord ToProto(DepositRow row) => new()
    {
        DepositId = row.Id.ToString(),
        ParticipantId = row.ParticipantId?.ToString() ?? "",
        AmountMicros = row.AmountMicros,
        State = row.State switch
        {
            DepositRow.Announced => DepositState.Announced,
            DepositRow.Booked => DepositState.Booked,
            DepositRow.Returned => DepositState.Returned,
            DepositRow.Failed => DepositState.Failed,
            DepositRow.Reversed => DepositState.Reversed,
            DepositRow.Unmatched => DepositState.Unmatched,
            var other => throw new UnreachableException($"A deposit cannot be {other}."),
        },
        Rail = row.Rail,
        RailReference = row.RailReference,
        BookedTime = row.BookedTime.ToTimestamp(),
    };

    public static Proposal ToProto(ProposalRow row, DateTimeOffset now) => new()
    {
        ProposalId = row.Id.ToString(),
        Kind = row.Kind,
        Parameters = row.Parameters,
        Hash = row.Hash,
        ProposedBy = row.ProposedBy.ToString(),
        ProposedTime = row.ProposedTime.ToTimestamp(),
        ExpiresTime = row.ExpiresTime.ToTimestamp(),
        ApprovedBy = row.ApprovedBy?.ToString() ?? "",
        State = row.ApprovedBy is not null ? ProposalState.Done : row.ExpiresTime <= now ? ProposalState.Expired : ProposalState.Open,
    };
}
