using ComputeExchange.MatchingEngine.Core.Book;

namespace ComputeExchange.MatchingEngine.Tests.Book;

/// <summary>What a record of the order flow asks; the numbers are the file format's.</summary>
internal enum FlowKind
{
    Limit = 0,
    Immediate = 1,
    Market = 2,
    Cancel = 3,
    Replace = 4,
}

/// <summary>One record of the order flow.</summary>
internal readonly record struct FlowRecord(FlowKind Kind, Side Side, uint Quantity, ulong Id, int Price);

/// <summary>
/// The stream of orders by which books are compared: half of them limit orders near a wandering middle, a third cancels, some replaces and orders that take.
/// Whole numbers only, so that it is the same everywhere. It depends on what rests, which a plain book knows.
/// </summary>
internal sealed class OrderFlow(ulong seed, int resting)
{
    private const int LowestPrice = 1;
    private const int HighestPrice = 60_000;
    private const int Recent = 512;

    private readonly Xoshiro _random = new(seed);
    private readonly List<ulong> _live = [];
    private readonly Dictionary<ulong, int> _places = [];
    private readonly ulong[] _recent = new ulong[Recent];
    private uint _recentCount;
    private ulong _nextId = 1;
    private int _middle = 30_000;
    private int _burst;
    private int _direction = 1;

    /// <summary>The plain book that knows what rests, and its trades.</summary>
    public FlowBook Book { get; } = new();

    public IEnumerable<FlowRecord> Take(int count)
    {
        Book.Came += id =>
        {
            _places[id] = _live.Count;
            _live.Add(id);
        };
        Book.Went += id =>
        {
            _places.Remove(id, out var place);
            _live[place] = _live[^1];
            _places[_live[place]] = place;
            _live.RemoveAt(_live.Count - 1);
            _places.Remove(id);
        };
        for (var i = 0; i < count; i++) yield return Next();
    }

    private FlowRecord Next()
    {
        Wander();
        var live = _live.Count;
        var cancels = Math.Clamp(450 + ((live - resting) * 200 / resting), 250, 500);
        var draw = (int)_random.Below(1_000);
        var kind = live < 100 ? FlowKind.Limit
            : draw < 80 ? FlowKind.Immediate
            : draw < 100 ? FlowKind.Market
            : draw < 150 ? FlowKind.Replace
            : draw < 150 + cancels ? FlowKind.Cancel : FlowKind.Limit;
        return kind switch
        {
            FlowKind.Cancel => Cancel(),
            FlowKind.Replace => Replace(),
            _ => Place(kind, live),
        };
    }

    private FlowRecord Place(FlowKind kind, int live)
    {
        var side = (Side)_random.Below(2);
        var id = _nextId++;
        var (price, quantity) = (0, 0u);
        switch (kind)
        {
            case FlowKind.Market:
                (price, quantity) = (side == Side.Buy ? HighestPrice : LowestPrice, TakingQuantity());
                break;
            case FlowKind.Immediate:
                price = Beyond(side, (int)_random.Below(8));
                quantity = TakingQuantity();
                break;
            case FlowKind.Limit when live >= 100 && _random.Below(100) < 5:
                price = Beyond(side, 1 + (int)_random.Below(4));
                quantity = TakingQuantity();
                break;
            default:
                price = RestingPrice(side);
                quantity = RestingQuantity();
                break;
        }
        if (Book.Place(side, id, price, quantity, rests: kind == FlowKind.Limit)) _recent[_recentCount++ % Recent] = id;
        return new FlowRecord(kind, side, quantity, id, price);
    }

    private FlowRecord Cancel()
    {
        var id = Pick();
        var (side, price) = Book.Find(id) is { } order ? (order.Side, order.Price) : (Side.Buy, 0);
        Book.Cancel(id);
        return new FlowRecord(FlowKind.Cancel, side, 0, id, price);
    }

    private FlowRecord Replace()
    {
        var id = Pick();
        if (Book.Find(id) is not { } order)
        {
            var any = (Side)_random.Below(2);
            var anyPrice = RestingPrice(any);
            return new FlowRecord(FlowKind.Replace, any, RestingQuantity(), id, anyPrice);
        }
        var (side, old) = (order.Side, order.Price);
        var price = RestingPrice(side);
        var quantity = RestingQuantity();
        var (inward, outward) = side == Side.Buy ? (old + 1, old - 1) : (old - 1, old + 1);
        if (price == old) price = Math.Clamp(outward, LowestPrice, HighestPrice);
        if (price == old) price = inward;
        Book.Cancel(id);
        Book.Place(side, id, price, quantity, rests: true);
        return new FlowRecord(FlowKind.Replace, side, quantity, id, price);
    }

    /// <summary>The middle takes a step now and then; in a burst, seldom, many steps mostly one way.</summary>
    private void Wander()
    {
        if (_burst == 0)
        {
            if (_random.Below(200_000) == 0)
            {
                _burst = 4_000;
                _direction = _random.Below(2) != 0 ? 1 : -1;
            }
            if (_random.Below(64) == 0) _middle += _random.Below(2) != 0 ? 1 : -1;
        }
        else
        {
            _burst--;
            if (_random.Below(16) == 0) _middle += _random.Below(10) < 8 ? _direction : -_direction;
        }
        _middle = Math.Clamp(_middle, 12_000, 48_000);
    }

    /// <summary>Mostly a young order, sometimes any, and seldom one that may be gone.</summary>
    private ulong Pick()
    {
        if (_random.Below(100) < 2) return 1 + _random.Below((uint)(_nextId - 1));
        if (_random.Below(100) < 60)
        {
            for (var tries = 0; tries < 4; tries++)
                if (_recent[_random.Below(Recent)] is var id and not 0 && Book.Find(id) is not null) return id;
        }
        return _live[(int)_random.Below((uint)_live.Count)];
    }

    private int Beyond(Side side, int distance) => Math.Clamp(side == Side.Buy ? _middle + distance : _middle - distance, LowestPrice, HighestPrice);

    private int RestingPrice(Side side)
    {
        var draw = _random.Below(1_000);
        var distance = draw switch
        {
            < 550 => Near(5),
            < 850 => Near(7),
            < 980 => Near(10),
            _ => 1 + (int)_random.Below(8_192),
        };
        return Math.Clamp(side == Side.Buy ? _middle - distance : _middle + distance, LowestPrice, HighestPrice);
    }

    /// <summary>The product of two draws: small distances are likelier.</summary>
    private int Near(int bits)
    {
        var one = _random.Below(1u << bits);
        return 1 + (int)((one * _random.Below(1u << bits)) >> bits);
    }

    private uint RestingQuantity() => _random.Below(100) switch
    {
        < 50 => 100,
        < 80 => 1 + _random.Below(100),
        < 95 => 100 * (1 + _random.Below(10)),
        _ => 100 * (10 + _random.Below(40)),
    };

    private uint TakingQuantity() => _random.Below(100) switch
    {
        < 95 => 1 + _random.Below(100),
        < 99 => 100 * (1 + _random.Below(5)),
        _ => 100 * (5 + _random.Below(40)),
    };

    /// <summary>The generator xoshiro256**, its state filled by splitmix64.</summary>
    private sealed class Xoshiro
    {
        private readonly ulong[] _state = new ulong[4];

        public Xoshiro(ulong seed)
        {
            unchecked
            {
                for (var i = 0; i < 4; i++)
                {
                    seed += 0x9E3779B97F4A7C15;
                    var mixed = (seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9;
                    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
                    _state[i] = mixed ^ (mixed >> 31);
                }
            }
        }

        /// <summary>A whole number from 0, below a bound.</summary>
        public uint Below(uint bound)
        {
            unchecked
            {
                var drawn = ulong.RotateLeft(_state[1] * 5, 7) * 9;
                var shifted = _state[1] << 17;
                _state[2] ^= _state[0];
                _state[3] ^= _state[1];
                _state[1] ^= _state[2];
                _state[0] ^= _state[3];
                _state[2] ^= shifted;
                _state[3] = ulong.RotateLeft(_state[3], 45);
                return (uint)Math.BigMul(drawn, (ulong)bound, out _);
            }
        }
    }
}
