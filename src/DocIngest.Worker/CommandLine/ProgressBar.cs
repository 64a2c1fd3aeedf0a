using Spectre.Console;

namespace DocIngest.Worker.CommandLine;

/// <summary>A progress bar on standard error, for a person at a terminal and nobody else.</summary>
internal static class ProgressBar
{
    /// <summary>Runs work that calls its argument once for each of <paramref name="total"/> steps.</summary>
    /// <param name="isShown">Whether anybody is to see it.</param>
    public static async Task RunAsync(bool isShown, string title, long total, Func<Action, Task> work)
    {
        if (!isShown || total == 0)
        {
            await work(static () => { });
            return;
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        await console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async progress =>
            {
                var bar = progress.AddTask(title, maxValue: total);
                await work(() => bar.Increment(1));
            });
    }
}
