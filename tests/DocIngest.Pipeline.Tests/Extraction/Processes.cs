namespace DocIngest.Pipeline.Tests.Extraction;

/// <summary>Waits for what other processes do. A test that waits in vain is ended by the runner's own limit, not by a clock here.</summary>
internal static class Processes
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    public static async Task Until(Func<bool> holds)
    {
        while (!holds())
        {
            await Task.Delay(Look, TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    public static Task UntilExists(string file) => Until(() => File.Exists(file));

    /// <summary>Ended, or ended and waiting for somebody to ask how.</summary>
    public static Task UntilGone(int process) => Until(() => !IsAlive(process));

    public static bool IsAlive(int process)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{process}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }
}
