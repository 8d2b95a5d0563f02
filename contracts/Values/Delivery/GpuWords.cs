namespace ComputeExchange.Values.Delivery;

/// <summary>What the words of a GPU's name say.</summary>
/// <param name="Model">For example <c>H100</c>; empty when no traded one is named.</param>
/// <param name="Form">SXM, PCIE or NVL; empty where the name does not say and only one is made.</param>
/// <param name="Rest">Words that mean something else, for example <c>Laptop</c>.</param>
sealed record GpuWords(string Model, string Form, IReadOnlyList<string> Rest)
{
    public static GpuWords Of(string name)
    {
        var model = "";
        var form = "";
        var rest = new List<string>();
        foreach (var word in name.ToUpperInvariant().Split([' ', '-', '_'], StringSplitOptions.RemoveEmptyEntries))
            switch (word)
            {
                case "NVIDIA" or "TESLA" or "GEFORCE" or "RTX": break;
                // How much memory there is and of which kind is measured, not read.
                case "40GB" or "48GB" or "80GB" or "94GB" or "141GB" or "180GB" or "HBM2" or "HBM2E" or "HBM3E": break;
                // The driver calls the H100 with SXM 'NVIDIA H100 80GB HBM3'; the one with PCIe says so.
                case "HBM3" or "SXM" or "SXM4" or "SXM5" or "SXM6": form = "SXM"; break;
                case "PCIE": form = "PCIE"; break;
                case "NVL": form = "NVL"; break;
                case "H100" or "H200" or "B200" or "A100" or "L40S": model = word; break;
                case "4090": model = "RTX4090"; break;
                default: rest.Add(word); break;
            }

        // Plain 'NVIDIA H200' and 'NVIDIA B200' are those with SXM: the others add their form.
        if (form.Length == 0 && (model is "H200" or "B200")) form = "SXM";
        return new GpuWords(model, form, rest);
    }
}
