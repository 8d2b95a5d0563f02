using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Simulation.Time;

namespace ComputeExchange.Simulation.Clients.Scripts;

/// <summary>Closes the runs, and now and then halts a market or suspends somebody and thinks better of it.</summary>
internal sealed class Operator(int commands) : Script
{
    public override int Lanes => 1;

    public override TimeSpan Pause => TimeSpan.FromSeconds(4);

    public override bool IsOver(Notebook notebook) => notebook.Wishes.Count >= commands;

    public override Wish? Next(Notebook notebook, Dice dice, DateTimeOffset now)
    {
        if (notebook.Wishes.Count > 0 && Undo(notebook.Wishes[^1].Command) is { } undo) return notebook.Write(undo, dice);
        return notebook.Write(dice.Below(12) switch
        {
            0 => new EngineCommand { DefineMarket = new DefineMarket { Market = dice.OneOf(People.Markets), State = MarketState.Halted } },
            1 => new EngineCommand { SetParticipant = new SetParticipant { ParticipantId = dice.OneOf(People.Buyers), MayBuy = true, Active = false } },
            2 => Phase(dice.OneOf(People.Instruments), dice.OnceIn(2) ? InstrumentPhase.Halted : InstrumentPhase.Closed),
            3 => new EngineCommand { SetReference = new SetReference { Instrument = dice.OneOf(People.Instruments), ReferenceTicks = Hedger.Reference + dice.Below(20) } },
            4 => new EngineCommand { CancelOrders = new CancelOrders { ParticipantId = dice.OneOf(People.Buyers), Reason = OrderCancelReason.MassCancel } },
            _ => new EngineCommand { CloseRun = new CloseRun() },
        }, dice);
    }

    private static EngineCommand? Undo(EngineCommand last)
    {
        if (last.DefineMarket is { State: MarketState.Halted } halted)
            return new EngineCommand { DefineMarket = new DefineMarket { Market = halted.Market, State = MarketState.Open } };
        if (last.SetPhase is { Phase: InstrumentPhase.Halted or InstrumentPhase.Closed } stopped) return Phase(stopped.Instrument, InstrumentPhase.Continuous);
        if (last.SetParticipant is not { Active: false } suspended) return null;
        var admitted = suspended.Clone();
        admitted.Active = true;
        return new EngineCommand { SetParticipant = admitted };
    }

    private static EngineCommand Phase(string instrument, InstrumentPhase phase) => new() { SetPhase = new SetPhase { Instrument = instrument, Phase = phase } };
}
