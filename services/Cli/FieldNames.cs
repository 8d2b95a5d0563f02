namespace ComputeExchange.Cli;

/// <summary>Under which names people type what the exchange calls by its own field names.</summary>
static class FieldNames
{
    static readonly string Request = CommandShape.RequestId.Name;

    /// <summary>The options and arguments that may have set a field, the likeliest first; a command has at most some of them.</summary>
    public static string[] Typed(string field) => Of(Bare(field));

    static string[] Of(string name) => name switch
    {
        "gpu_count" => ["--gpus"],
        "from_time" => ["--from"],
        "to_time" => ["--hours", "--to"],
        "limit_micros_per_gpu_hour" => ["--limit"],
        "reserve_micros_per_gpu_hour" => ["--reserve"],
        "prompt_reserve_micros_per_gpu_hour" => ["--prompt"],
        "run_slot_count_min" => ["--min-run"],
        "run_slot_count" => ["--run"],
        "start_times" => ["--starts"],
        "min_fill_per_mille" => ["--min-fill"],
        "node_gpu_count" => ["--node"],
        "parent_bid_id" => ["--parent"],
        "group" => ["--group"],
        "confirm" => ["--confirm"],
        "slot_reserves_micros_per_gpu_hour" => ["--slot-reserves"],
        "lease_id" => ["lease"],
        "legal_name" => ["--legal-name"],
        "address_lines" => ["--address-line"],
        "tax_number" => ["--tax-number"],
        "tax_code" => ["--tax-code"],
        "routing_number" => ["--routing"],
        "account_number" => ["--account"],
        "email" or "country" or "label" or "holder" or "iban" or "bic" => [$"--{name}"],
        "destination_id" => ["destination"],
        "withdrawal_id" => ["withdrawal"],
        "proposal_id" => ["proposal"],
        "reason" or "correct.reason" => ["--reason"],
        "hash" => ["--hash"],
        "csv" => ["file"],
        "file_number" => ["--number"],
        "set_limits.single_micros" => ["--single"],
        "set_limits.daily_micros" => ["--daily"],
        "set_limits.approval_micros" => ["--approval"],
        "set_limits.cooling_minutes" => ["--cooling"],
        "resume.explanation" => ["--explanation"],
        "correct.debit_account" => ["--debit"],
        "correct.credit_account" => ["--credit"],
        "correct.amount_micros" => ["--amount"],
        "set_fees.from_day" or "set_tax.from_day" => ["--from-day"],
        "set_tax.tax_code" => ["code"],
        "set_tax.rate_ppm" => ["--ppm"],
        "request_id" => [Request],
        "markets" => ["market"],
        "lot_count" or "order.lot_count" => ["lots"],
        "price_ticks" or "order.price_ticks" => ["--price"],
        "stop_price_ticks" or "order.stop_price_ticks" => ["--stop"],
        "peak_lot_count" or "order.peak_lot_count" => ["--peak"],
        "time_in_force" or "expiry_seconds" or "order.time_in_force" or "order.expiry_seconds" => ["--tif"],
        "type" or "order.type" => ["--type"],
        "reduce_only" or "order.reduce_only" => ["--reduce-only"],
        "client_order_id" or "order.client_order_id" => ["--id"],
        "order_id" => ["order"],
        "order.instrument" => ["instrument"],
        "terms.name" => ["instrument"],
        "terms.tick_value_micros" => ["--tick-value"],
        "terms.lot_count_max" => ["--lots-max"],
        "terms.notional_micros_max" => ["--notional-max"],
        "terms.position_lot_count_max" => ["--position-max"],
        "terms.margin_micros_per_lot" => ["--margin"],
        "terms.band_ppm" => ["--band-ppm"],
        "terms.band_tick_count_min" => ["--band-ticks"],
        "terms.velocity_ppm" => ["--velocity-ppm"],
        "terms.velocity_seconds" => ["--velocity-seconds"],
        "terms.call_seconds" => ["--call-seconds"],
        "reference_ticks" => ["--reference"],
        "limits.orders_per_second" => ["--orders-per-second"],
        "limits.order_burst" => ["--burst"],
        "limits.open_order_count_max" => ["--open-orders"],
        "where" or "region" or "minutes" or "statement" or "idle_minutes" or "note" or "category" => [Option(name)],
        "name" => ["--name"],
        "location" => ["--place"],
        "node_id" => ["node", "--node"],
        "firm_floor_micros_per_gpu_hour" => ["--floor"],
        "interruptible_floor_micros_per_gpu_hour" => ["--prompt-floor"],
        "hours_mask" => ["--hours"],
        "days_mask" => ["--days"],
        "keep_free" => ["--keep-free"],
        "horizon_slot_count" => ["--horizon"],
        "keep_gpu_count" => ["--keep-gpus"],
        "reclaim_notice_seconds" => ["--reclaim"],
        "cap_micros_per_gpu_hour" => ["--cap"],
        "raise_above_percent" => ["--raise-above"],
        "lower_below_percent" => ["--lower-below"],
        "step_percent" => ["--step"],
        "window_id" => ["window", Request],
        "image" => ["--image"],
        "environment" => ["--env"],
        "ssh_public_keys" => ["--ssh-key"],
        "cpu_count" => ["--cpus"],
        "memory_bytes" => ["--memory"],
        "disk_bytes" => ["--disk"],
        "workload_id" => [Request],
        "bid_id" => ["--bid", "id"],
        "slot_count" or "hour_count" => ["--hours"],
        "slot_index" => ["slot"],
        "kind" => ["--kind"],
        "claimed_gpu_seconds" => ["--claimed"],
        "delivered_gpu_seconds" => ["--delivered", "--gpu-seconds"],
        "dispute_id" => ["dispute", Request],
        "answer" or "url" or "filter" => [name],
        "webhook_id" => ["webhook", Request],
        "events" => ["--event"],
        "order_by" => ["--sort"],
        _ => [],
    };

    static string Option(string name) => $"--{name.Replace('_', '-')}";

    /// <summary>A field without the message that it is part of, where that says nothing to people, and without its place in a list.</summary>
    static string Bare(string field)
    {
        var name = field.IndexOf('[', StringComparison.Ordinal) is > 0 and var list ? field[..list] : field;
        foreach (var part in new[] { "policy.", "repricer.", "workload." })
            if (name.StartsWith(part, StringComparison.Ordinal)) name = name[part.Length..];
        return name;
    }
}
