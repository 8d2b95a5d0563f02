using System.Text.Json;

namespace ComputeExchange.Values.Ledger;

/// <summary>Reads one line of the export: every field once, none that is not known, all that are needed.</summary>
internal ref struct LedgerLineReader
{
    private Utf8JsonReader _json;
    private string? _format, _account, _debit, _credit, _kind, _cause;
    private long? _version, _from, _number, _pending, _amount, _feed, _balance, _pendingOut, _pendingIn, _transfers, _accounts, _last;
    private TransferPhase? _phase;
    private DateTimeOffset? _happened, _recorded, _expires;
    private byte[]? _hash;

    public static LedgerLine Read(ReadOnlySpan<byte> line)
    {
        var reader = new LedgerLineReader { _json = new Utf8JsonReader(line) };
        reader.ReadFields();
        return reader.Made();
    }

    private void ReadFields()
    {
        if (!_json.Read() || _json.TokenType != JsonTokenType.StartObject) throw new LedgerFormatException("The line is not a JSON object.");
        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName) ReadField();
        if (_json.TokenType != JsonTokenType.EndObject || _json.Read()) throw new LedgerFormatException("The line is more than one JSON object.");
    }

    private void ReadField()
    {
        if (Is("number"u8)) Number(ref _number);
        else if (Is("phase"u8)) _phase = Phase(_phase);
        else if (Is("pending_number"u8)) Number(ref _pending);
        else if (Is("debit"u8)) Text(ref _debit);
        else if (Is("credit"u8)) Text(ref _credit);
        else if (Is("amount_micros"u8)) Number(ref _amount);
        else if (Is("kind"u8)) Text(ref _kind);
        else if (Is("cause"u8)) Text(ref _cause);
        else if (Is("happened_time"u8)) Time(ref _happened);
        else if (Is("recorded_time"u8)) Time(ref _recorded);
        else if (Is("feed_number"u8)) Number(ref _feed);
        else if (Is("expires_time"u8)) Time(ref _expires);
        else if (Is("hash"u8) || Is("before_hash"u8) || Is("last_hash"u8)) Hash();
        else if (Is("account"u8)) Text(ref _account);
        else if (Is("balance_micros"u8)) Number(ref _balance);
        else if (Is("pending_out_micros"u8)) Number(ref _pendingOut);
        else if (Is("pending_in_micros"u8)) Number(ref _pendingIn);
        else if (Is("format"u8)) Text(ref _format);
        else if (Is("version"u8)) Number(ref _version);
        else if (Is("from_number"u8)) Number(ref _from);
        else if (Is("transfer_count"u8)) Number(ref _transfers);
        else if (Is("account_count"u8)) Number(ref _accounts);
        else if (Is("last_number"u8)) Number(ref _last);
        else throw new LedgerFormatException($"The field {_json.GetString()} is not one of the export's.");
    }

    private readonly LedgerLine Made()
    {
        if (_number is not null)
        {
            return new LedgerLine.Moved(new TransferRecord(
                _number.Value, Need(_phase, "phase"), _pending, Need(_debit, "debit"), Need(_credit, "credit"), Need(_amount, "amount_micros"),
                Need(_kind, "kind"), Need(_cause, "cause"), Need(_happened, "happened_time"), Need(_recorded, "recorded_time"), _feed, _expires, Need(_hash, "hash")));
        }
        if (_account is not null) return new LedgerLine.Held(_account, Need(_balance, "balance_micros"), _pendingOut ?? 0, _pendingIn ?? 0);
        if (_transfers is not null)
            return new LedgerLine.Footer(_transfers.Value, Need(_accounts, "account_count"), Need(_last, "last_number"), Need(_hash, "last_hash"));
        if (_format != LedgerFile.Format) throw new LedgerFormatException($"This is not an export of the ledger: a header with the format \"{LedgerFile.Format}\" begins it.");
        if (_version != LedgerFile.Version) throw new LedgerFormatException($"The file has version {_version}; version {LedgerFile.Version} is read here.");
        return new LedgerLine.Header(Need(_from, "from_number"), Need(_hash, "before_hash"));
    }

    private readonly bool Is(ReadOnlySpan<byte> name) => _json.ValueTextEquals(name);

    private void Number(ref long? field)
    {
        if (field is not null) throw Twice();
        _json.Read();
        field = _json.GetInt64();
    }

    private void Text(ref string? field)
    {
        if (field is not null) throw Twice();
        _json.Read();
        field = _json.GetString() ?? throw new LedgerFormatException("A text is null.");
    }

    private void Time(ref DateTimeOffset? field)
    {
        if (field is not null) throw Twice();
        _json.Read();
        if (_json.TokenType != JsonTokenType.String || _json.ValueSpan.Length != LedgerFile.TimeLength || _json.ValueSpan[^1] != 'Z')
            throw new LedgerFormatException("A time is not UTC with six decimals, as in 2026-03-01T12:00:00.000000Z.");
        field = _json.GetDateTimeOffset();
    }

    private TransferPhase Phase(TransferPhase? before)
    {
        if (before is not null) throw Twice();
        _json.Read();
        if (Is("direct"u8)) return TransferPhase.Direct;
        if (Is("pending"u8)) return TransferPhase.Pending;
        if (Is("post"u8)) return TransferPhase.Post;
        if (Is("void"u8)) return TransferPhase.Void;
        if (Is("expire"u8)) return TransferPhase.Expire;
        throw new LedgerFormatException($"There is no phase \"{_json.GetString()}\".");
    }

    private void Hash()
    {
        if (_hash is not null) throw Twice();
        _json.Read();
        if (_json.TokenType != JsonTokenType.String || _json.HasValueSequence || _json.ValueSpan.Length != 2 * LedgerChain.HashLength)
            throw new LedgerFormatException($"A hash is not {2 * LedgerChain.HashLength} hexadecimal digits.");
        _hash = new byte[LedgerChain.HashLength];
        if (Convert.FromHexString(_json.ValueSpan, _hash, out _, out _) != System.Buffers.OperationStatus.Done)
            throw new LedgerFormatException("A hash has something that is not a hexadecimal digit.");
    }

    private static T Need<T>(T? value, string field) where T : struct => value ?? throw Missing(field);

    private static T Need<T>(T? value, string field) where T : class => value ?? throw Missing(field);

    private static LedgerFormatException Missing(string field) => new($"The field {field} is missing.");

    private static LedgerFormatException Twice() => new("A field is there twice.");
}
