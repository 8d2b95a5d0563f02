using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ComputeExchange.Values;

namespace ComputeExchange.Settlement.Domain;

/// <summary>What a rail can say.</summary>
public enum RailSays
{
    /// <summary>A payment arrived.</summary>
    PaymentSettled,

    /// <summary>A payment could not be made.</summary>
    PaymentFailed,

    /// <summary>A payment had arrived and came back.</summary>
    PaymentReturned,

    /// <summary>Money is on its way to the exchange.</summary>
    DepositAnnounced,

    /// <summary>Money is there.</summary>
    DepositSettled,

    /// <summary>Announced money will not come.</summary>
    DepositFailed,

    /// <summary>Money that was there was taken back.</summary>
    DepositReversed,
}

/// <summary>Something a rail says of one payment or deposit.</summary>
/// <param name="Rail">The rail.</param>
/// <param name="Id">The rail's own id of the event.</param>
/// <param name="Says">What.</param>
/// <param name="PaymentId">The payment it is about; null for deposits.</param>
/// <param name="Reference">What the payer of a deposit wrote; not kept.</param>
/// <param name="RailReference">What the rail calls the payment or deposit.</param>
/// <param name="Amount">How much.</param>
/// <param name="Happened">When, as the rail says.</param>
public sealed record RailEvent(
    string Rail, string Id, RailSays Says, Guid? PaymentId, string Reference, string RailReference, Money Amount, DateTimeOffset Happened)
{
    private static readonly Dictionary<RailSays, string> Words = new()
    {
        [RailSays.PaymentSettled] = "payment settled",
        [RailSays.PaymentFailed] = "payment failed",
        [RailSays.PaymentReturned] = "payment returned",
        [RailSays.DepositAnnounced] = "deposit announced",
        [RailSays.DepositSettled] = "deposit settled",
        [RailSays.DepositFailed] = "deposit failed",
        [RailSays.DepositReversed] = "deposit reversed",
    };

    /// <summary>All kinds as rails write them.</summary>
    public static IReadOnlyCollection<string> Kinds => Words.Values;

    /// <summary>What it says, as rails write it.</summary>
    public string Kind => Words[Says];

    /// <summary>Whether it is about a payment of the exchange's; else about a deposit.</summary>
    public bool IsOfPayment => Says <= RailSays.PaymentReturned;

    /// <summary>What a kind as rails write it says; null if there is no such kind.</summary>
    public static RailSays? Parse(string kind) => Words.Where(word => word.Value == kind).Select(word => (RailSays?)word.Key).SingleOrDefault();

    /// <summary>SHA-256 of all that it says: an id that comes again must say the same.</summary>
    public byte[] ContentHash() => SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(
        '\u001f', Kind, PaymentId?.ToString() ?? "", Reference, RailReference,
        Amount.Micros.ToString(CultureInfo.InvariantCulture), Happened.UtcDateTime.ToString("O", CultureInfo.InvariantCulture))));
}
