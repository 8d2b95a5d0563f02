using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Simulation.Time;

namespace ComputeExchange.Simulation.Clients.Scripts;

/// <summary>Brings money in and takes it out, now and then more than there is; now and then it uses an id again for something else.</summary>
internal sealed class Bank(int commands) : Script
{
    public override int Lanes => 3;

    public override bool IsOver(Notebook notebook) => notebook.Wishes.Count >= commands;

    public override Wish? Next(Notebook notebook, Dice dice, DateTimeOffset now)
    {
        var person = dice.OneOf(People.All);
        var amount = dice.Between(1, 2_000_000);
        return notebook.Write(dice.OnceIn(2) ? Credit(person, amount) : Debit(person, dice.OnceIn(10) ? 1_000_000_000 : amount), dice);
    }

    public override void Heard(Notebook notebook, Wish wish, Dice dice)
    {
        if (!wish.IsReuse && dice.OnceIn(10)) notebook.WriteReuse(wish, Credit(People.All[0], 1_000_000_000));
    }

    public static EngineCommand Credit(string person, long micros) =>
        new() { CreditCollateral = new CreditCollateral { ParticipantId = person, AmountMicros = micros, Reference = "deposit" } };

    public static EngineCommand Debit(string person, long micros) =>
        new() { DebitCollateral = new DebitCollateral { ParticipantId = person, AmountMicros = micros, Reference = "withdrawal" } };
}
