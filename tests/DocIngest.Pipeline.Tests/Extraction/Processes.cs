namespace DocIngest.Pipeline.Tests.Extraction;

/// <summary>Waits for what other processes do. A test that waits in vain fails after minutes, longer than anything here takes on a busy machine; else it would hold up all others for ever.</summary>
internal static class Processes
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan InVain = TimeSpan.FromMinutes(3);

    public static async Task Until(Func<bool> holds)
    {
        long started = TimeProvider.System.GetTimestamp();
        while (!holds())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < InVain, "what was waited for did not happen");
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
